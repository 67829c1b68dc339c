"""The mapping of a declaration, changed column by column, as somebody does who chooses from lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from adapters.converters import CONVERTERS
from adapters.rule import read_rule
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Standard

AS_IT_IS = "="  # of a converter: the rule stays
UNUSED = (
    "在工作台选择不接收 (left out in the console)"  # the reason of a column that somebody let go
)
CHOICE = tuple(sorted(name for name, one in CONVERTERS.items() if not one.needs))
_KEPT = ("nulls", "optional", "default")  # of a rule whose converter changes
NOTHING: Mapping[str, float] = MappingProxyType({})
_NOT_TEXT = ("boolean", "integer", "list")  # kinds of fields that no text alone gives


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose for a column: a field ("": none), and a converter ("": the field's own)."""

    column: str
    field: str
    converter: str = AS_IT_IS


def fields_of(
    told: Mapping[str, Any], column: str, sure: Mapping[str, float] = NOTHING
) -> tuple[str | None, list[str]]:
    """The field that is this column's own, and the others that it is a part of.

    Of several fields that take nothing but the column its own is the one without a converter, or of
    which a guess was the surest (`sure`, 0–1): the others were derived from it.
    """
    fields = _rules(told)
    using = [n for n, rule in fields.items() if column in _columns(n, rule)]
    plain = [name for name in using if _is_plain(fields[name], column)]
    own = max(plain, key=lambda n: (isinstance(fields[n], str), sure.get(n, 0.0)), default=None)
    return own, [name for name in using if name != own]


def converter_of(told: Mapping[str, Any], field: str | None) -> str:
    """The converter that a field's rule names; "" where it names none, `AS_IT_IS` for several."""
    rule = _rules(told).get(field or "")
    if not isinstance(rule, Mapping):
        return ""
    named = rule.get("convert", "")
    return named if isinstance(named, str) else AS_IT_IS


def chosen(
    told: Mapping[str, Any], choices: Sequence[Choice], sure: Mapping[str, float] = NOTHING
) -> dict[str, Any]:
    """The declaration with what was chosen, seen as `fields_of` does; raises Misdeclared (column_twice)."""
    before = _rules(told)
    fields, added = dict(before), list[Choice]()
    for one in choices:
        own, _ = fields_of(told, one.column, sure)
        if one.field == (own or ""):
            if own and one.converter not in (AS_IT_IS, converter_of(told, own)):
                fields[own] = _converted(before[own], one)
            continue
        fields.pop(own or "", None)
        if one.field:
            added.append(one)
    for one in added:
        if one.field in fields:
            columns = [*_columns(one.field, fields[one.field]), one.column]
            raise Misdeclared(Issue("column_twice", field=one.field, value="、".join(columns)))
        fields[one.field] = _converted(one.column, one)
    return {**told, "fields": fields, "ignore": _ignore(told, fields, choices)}


def with_constants(
    told: Mapping[str, Any], standard: Standard, values: Mapping[str, str]
) -> dict[str, Any]:
    """The declaration with one value for every record in fields that no column gives."""
    fields = dict(_rules(told))
    for name, value in values.items():
        if value and name in standard.fields and takes_text(standard.fields[name]):
            fields.setdefault(name, {"value": value})
    return {**told, "fields": fields}


def takes_text(field: Field) -> bool:
    """Whether one value for all records can be written as text."""
    return field.kind not in _NOT_TEXT


def _rules(told: Mapping[str, Any]) -> dict[str, Any]:
    fields = told.get("fields")
    return dict(fields) if isinstance(fields, Mapping) else {}


def _columns(name: str, rule: Any) -> Sequence[str]:
    if not isinstance(rule, str | Mapping):
        return ()
    return read_rule(name, rule).columns


def _is_plain(rule: Any, column: str) -> bool:
    """Whether the rule takes that one column and nothing else."""
    if isinstance(rule, str):
        return True
    source = rule.get("from")
    return source in (column, [column]) and "as_of" not in rule


def _converted(rule: Any, one: Choice) -> Any:
    kept = {name: rule[name] for name in _KEPT if isinstance(rule, Mapping) and name in rule}
    named = {} if one.converter in ("", AS_IT_IS) else {"convert": one.converter}
    return {"from": one.column, **named, **kept} if named or kept else one.column


def _ignore(
    told: Mapping[str, Any], fields: Mapping[str, Any], choices: Iterable[Choice]
) -> dict[str, str]:
    """Every column that no field takes, with its reason."""
    given = told.get("ignore")
    before = dict(given) if isinstance(given, Mapping) else {}
    used = {column for name, rule in fields.items() for column in _columns(name, rule)}
    seen = [one.column for one in choices]
    left = dict.fromkeys(column for column in [*before, *seen] if column not in used)
    return {column: before.get(column, UNUSED) for column in left}
