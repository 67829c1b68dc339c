"""Conditions on a record as data: what a rule of law, a policy or a filter in bulk speaks of.

A condition is a mapping from fields to what their values must be; all of it must hold. A list of
conditions holds where one of them does, an empty list never. Of a field may be asked:

    field: [a, b]                       the value is one of these; a list has one of them
    field: {any: [a, b]}                the same
    field: {only: [a, b]}               a list isn't empty and has nothing but these
    field: {empty: true}                there is no value (false: there is one)
    field: {below: "0.5"}               an amount or a whole number; also at_most, above, at_least
    field: {from: 2020-01-01, until: 2020-12-31}      a day, both included
    not: {…}                            the condition inside doesn't hold

What is asked of an empty field doesn't hold, unless it is `empty: true`; so `not` holds there.
Amounts are compared exactly, by up to 12 decimal places, never as binary numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from exchange_schemas.condition_text import parse_condition
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field

__all__ = ["Condition", "check_condition", "fields_named", "holds", "parse_condition"]

Condition = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Fields = Mapping[str, Field]

NOT = "not"
AMOUNT = pl.Decimal(38, 12)
NEVER = pl.lit(value=False)


def holds(condition: Condition, fields: Fields, *, lacking: bool = False) -> pl.Expr:
    """Boolean, without nulls: where a frame with the columns `fields` meets the condition.

    With `lacking` a field that isn't among `fields` counts as empty: an earlier version of a standard
    may not have it. Raises Misdeclared (condition_invalid).
    """
    if not isinstance(condition, Mapping):
        if not isinstance(condition, list | tuple):
            raise _invalid(condition, "a condition is a mapping or a list", "应为映射或列表")
        return _any([holds(one, fields, lacking=lacking) for one in condition])
    asked = []
    for name, told in condition.items():
        if name == NOT:
            asked.append(~holds(told, fields, lacking=lacking))
        elif name in fields:
            asked.append(_holds(fields[name], told))
        elif lacking:
            asked.append(pl.lit(_asks_for_nothing(told)))
        else:
            known = ", ".join(fields)
            words = (f"there is no field; known are: {known}", f"没有这个字段，可用的有：{known}")
            raise _invalid(name, *words)
    return pl.all_horizontal(asked) if asked else pl.lit(value=True)


def check_condition(condition: Condition, fields: Fields) -> None:
    """Raises Misdeclared (condition_invalid) where a condition can't be asked of `fields`."""
    holds(condition, fields)


def fields_named(condition: Condition) -> set[str]:
    """The fields that a condition speaks of."""
    if not isinstance(condition, Mapping):
        return {name for one in condition for name in fields_named(one)}
    own = {name for name in condition if name != NOT}
    return own | (fields_named(condition[NOT]) if NOT in condition else set())


def _holds(field: Field, told: Any) -> pl.Expr:
    """What is asked of one field; false where it is empty."""
    if not isinstance(told, Mapping):
        told = {"any": told}
    if not told:
        raise _invalid(field.name, "nothing is asked", "没有写明条件")
    asked = []
    for form, value in told.items():
        if form not in _FORMS:
            known = ", ".join(_FORMS)
            words = (
                f"there is no form {form}; known are: {known}",
                f"没有 {form}，可用的有：{known}",
            )
            raise _invalid(field.name, *words)
        asked.append(_FORMS[form](field, value).fill_null(value=False))
    return pl.all_horizontal(asked)


def _has_any(field: Field, told: Any) -> pl.Expr:
    values = _values(field, told)
    column = pl.col(field.name)
    if field.kind == "list":
        return _any([column.list.contains(value).fill_null(value=False) for value in values])
    if field.kind == "datetime":
        return column.is_in(values) | column.str.slice(0, 10).is_in(values)
    return column.is_in(values)


def _has_only(field: Field, told: Any) -> pl.Expr:
    values = _values(field, told)
    if field.kind != "list":
        raise _invalid(field.name, "only: is asked of lists", "only 只用于列表字段")
    column = pl.col(field.name)
    return (column.list.len() > 0) & (column.list.set_difference(pl.lit(values)).list.len() == 0)


def _is_empty(field: Field, told: Any) -> pl.Expr:
    if not isinstance(told, bool):
        raise _invalid(field.name, "empty: is true or false", "empty 应为 true 或 false")
    column = pl.col(field.name)
    empty = column.is_null()
    if field.kind == "list":
        empty |= (column.list.len() == 0).fill_null(value=True)
    elif field.dtype == pl.String:
        empty |= (column == "").fill_null(value=True)
    return empty if told else ~empty


def _compared(compare: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> Callable[[Field, Any], pl.Expr]:
    def judge(field: Field, told: Any) -> pl.Expr:
        if field.kind not in ("decimal", "integer"):
            raise _invalid(field.name, "isn't an amount or a number", "不是金额或整数字段")
        try:
            bound = Decimal(str(told))
        except InvalidOperation:
            bound = Decimal("NaN")
        if isinstance(told, float | bool) or not bound.is_finite():
            words = f'{told} isn\'t a number; write it as "0.5"', f'{told} 不是数，请写成 "0.5"'
            raise _invalid(field.name, *words)
        amount = pl.col(field.name).cast(AMOUNT, strict=False)
        return compare(amount, pl.lit(bound, AMOUNT))

    return judge


def _dated(compare: Callable[[pl.Expr, str], pl.Expr]) -> Callable[[Field, Any], pl.Expr]:
    def judge(field: Field, told: Any) -> pl.Expr:
        if field.kind not in ("date", "datetime"):
            raise _invalid(field.name, "isn't a date", "不是日期字段")
        try:
            day = date.fromisoformat(str(told)).isoformat()
        except ValueError:
            words = f"{told} isn't a day; write it as 2026-01-31", f"{told} 不是日期"
            raise _invalid(field.name, *words) from None
        return compare(pl.col(field.name).str.slice(0, 10), day)

    return judge


_FORMS: Mapping[str, Callable[[Field, Any], pl.Expr]] = {
    "any": _has_any,
    "only": _has_only,
    "empty": _is_empty,
    "below": _compared(lambda value, bound: value < bound),
    "at_most": _compared(lambda value, bound: value <= bound),
    "above": _compared(lambda value, bound: value > bound),
    "at_least": _compared(lambda value, bound: value >= bound),
    "from": _dated(lambda value, day: value >= day),
    "until": _dated(lambda value, day: value <= day),
}


def _values(field: Field, told: Any) -> list[Any]:
    """The values of a list, as the field's column has them."""
    if isinstance(told, str | Mapping) or not isinstance(told, Sequence) or not told:
        raise _invalid(field.name, "needs a list of values", "应为值的列表")
    return [_value(field, value) for value in told]


def _value(field: Field, told: Any) -> Any:
    if field.kind == "integer" and str(told).lstrip("-").isdecimal():
        return int(told)
    if field.kind == "boolean" and str(told).lower() in ("true", "false"):
        return str(told).lower() == "true"
    if field.kind in ("integer", "boolean"):
        raise _invalid(field.name, f"{told} is no {field.kind}", f"{told} 的类型不对")
    if field.kind in ("date", "datetime") and isinstance(told, date):
        return told.isoformat()
    if not isinstance(told, str):
        raise _invalid(field.name, f'write {told} as "{told}"', f'请把 {told} 写成 "{told}"')
    return told


def _asks_for_nothing(told: Any) -> bool:
    return isinstance(told, Mapping) and dict(told) == {"empty": True}


def _any(asked: Sequence[pl.Expr]) -> pl.Expr:
    return pl.any_horizontal(asked) if asked else NEVER


def _invalid(value: Any, reason: str, reason_zh: str) -> Misdeclared:
    words = {"reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("condition_invalid", value=str(value), params=words))
