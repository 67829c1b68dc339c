"""Whether the rule of a field can work: its converters, their order and options, its patterns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from adapters import convert_pattern
from adapters.converters import CONVERTERS, steps_of
from adapters.expression import fault as expression_fault
from adapters.rule import Rule, Step
from exchange_schemas.issue import Issue
from exchange_schemas.schema_fault import reason, reason_zh
from exchange_schemas.standard import Field

_VALUES = {"boolean": bool, "integer": int, "list": list}  # the others are texts


def check_rule(rule: Rule, field: Field, format_kind: str) -> Iterator[Issue]:
    """Everything wrong with the rule of a field that the standard has."""
    if not rule.columns and rule.expression is None:
        yield from _check_value(rule, field, rule.value)
        return
    if rule.default is not None:
        yield from _check_value(rule, field, rule.default)
    yield from _check_expression(rule)
    steps = steps_of(rule, field, format_kind)
    unknown = [step.name for step in steps if step.name not in CONVERTERS]
    for name in unknown:
        params = {"known": ", ".join(CONVERTERS)}
        yield Issue("converter_unknown", field=rule.field, value=name, params=params)
    if not unknown:
        yield from _check_order(rule, field, [step.name for step in steps])
        for step in steps:
            yield from _check_options(rule, step, last=step is steps[-1])


def _check_value(rule: Rule, field: Field, value: Any) -> Iterator[Issue]:
    if type(value) is not _VALUES.get(field.kind, str):
        params = {"expected": field.kind}
        yield Issue("type", field=rule.field, value=str(value), params=params)


def _check_expression(rule: Rule) -> Iterator[Issue]:
    if rule.expression is None:
        return
    wrong = expression_fault(rule.expression)
    if rule.also_from or rule.join is not None:
        wrong = "expression: 不能与 from: 或 join: 同用", "it can't stand beside from: or join:"
    if wrong:
        params = {"reason_zh": wrong[0], "reason": wrong[1]}
        yield Issue("expression_invalid", field=rule.field, value=rule.expression, params=params)


def _check_order(rule: Rule, field: Field, names: list[str]) -> Iterator[Issue]:
    *before, last = names
    for name in before:
        if not CONVERTERS[name].is_step:
            yield Issue("step_unfit", field=rule.field, value=name)
    put_together = rule.join is not None or rule.expression is not None
    for place, name in enumerate(names):
        if CONVERTERS[name].all_cells and (place or put_together):
            yield Issue("step_misplaced", field=rule.field, value=name)
    gives = CONVERTERS[last].gives
    if field.kind not in gives:
        params = {"found": gives[0], "expected": field.kind}
        yield Issue("converter_unfit", field=rule.field, value=last, params=params)


def _check_options(rule: Rule, step: Step, last: bool) -> Iterator[Issue]:
    converter = CONVERTERS[step.name]
    options = {**step.options, **({"as_of": rule.as_of} if last and rule.as_of else {})}
    expected = {"expected": step.name}
    for name in options:
        if name not in converter.options:
            told = name or str(step.options[name])
            yield Issue("option_unknown", field=rule.field, value=told, params=expected)
    for name in sorted(converter.needs - options.keys()):
        yield Issue("option_missing", field=rule.field, value=name, params=expected)
    faults = {
        name: _fault(name, options[name]) for name in sorted(converter.options & options.keys())
    }
    for name, wrong in faults.items():
        if wrong:
            yield Issue("option_wrong", field=rule.field, value=name, params={**expected, **wrong})
    if "pattern" in faults and not any(faults.values()):
        yield from _check_pattern(rule, step)


def _check_pattern(rule: Rule, step: Step) -> Iterator[Issue]:
    wrong = convert_pattern.fault(step.name, step.options)
    if wrong:
        params = {"reason_zh": wrong[0], "reason": wrong[1]}
        value = step.options["pattern"]
        yield Issue("pattern_refused", field=rule.field, value=value, params=params)


def _fault(name: str, value: Any) -> dict[str, str] | None:
    """What is wrong with an option's value; inside a list of converters nothing looked yet."""
    fault = best_match(_validator(name).iter_errors(value))
    return {"reason": reason(fault), "reason_zh": reason_zh(fault)} if fault else None


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads(files("adapters").joinpath("feed.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator({"$ref": f"#/$defs/options/{name}", "$defs": schema["$defs"]})
