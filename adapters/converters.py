"""The table of converters, and which one a field takes when its rule names none."""

from __future__ import annotations

from typing import Any

from adapters import (
    convert_amount,
    convert_date,
    convert_division,
    convert_list,
    convert_mark,
    convert_pattern,
    convert_step,
    convert_subject,
    convert_text,
)
from adapters.converter import Converter
from adapters.rule import Rule, Step
from exchange_schemas.standard import Field

CONVERTERS: dict[str, Converter] = {
    **convert_text.CONVERTERS,
    **convert_list.CONVERTERS,
    **convert_date.CONVERTERS,
    **convert_amount.CONVERTERS,
    **convert_mark.CONVERTERS,
    **convert_subject.CONVERTERS,
    **convert_division.CONVERTERS,
    **convert_step.CONVERTERS,
    **convert_pattern.CONVERTERS,
}

_BY_FORMAT = {"uscc": "uscc", "reg-no": "reg_no", "org-code": "org_code", "doc-no": "doc_no"}
_BY_KIND = {
    "string": "text",
    "integer": "integer",
    "boolean": "boolean",
    "decimal": "decimal",
    "date": "date",
    "datetime": "datetime",
    "list": "split",
}


def default_converter(field: Field, format_kind: str) -> str:
    """The converter of a field whose rule names none: by its `format`, else by its kind."""
    if field.kind == "list" and format_kind in ("json", "jsonl"):
        return "json_list"
    return _BY_FORMAT.get(str(field.schema.get("format")), _BY_KIND[field.kind])


def steps_of(rule: Rule, field: Field, format_kind: str) -> list[Step]:
    """The converters that a rule's cells go through, in order, each with all its options."""
    last = rule.convert or default_converter(field, format_kind)
    return [_told(step) for step in (*rule.steps, Step(last, rule.options, rule.main))]


def _told(step: Step) -> Step:
    """The step with what stands in `{name: value}` as the option that is meant."""
    converter = CONVERTERS.get(step.name)
    if step.main is None or converter is None:
        return step
    # a converter without a main option is asked for one without a name, which it doesn't know
    options: dict[str, Any] = {**step.options, converter.main: step.main}
    return Step(step.name, options)
