"""Conditions of a measure as column expressions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_

import polars as pl

from exchange_schemas.plan_conditions import Condition
from exchange_schemas.standard import Dtype


def holds(conditions: Sequence[Condition], dtypes: dict[str, Dtype]) -> pl.Expr:
    """Whether all of them hold: never null. `dtypes` are those of the records' fields."""
    return reduce(and_, (_one(one, dtypes[one.field]) for one in conditions), pl.lit(True))


def _one(condition: Condition, dtype: Dtype) -> pl.Expr:
    column = pl.col(condition.field)
    if condition.word == "present":
        there = column.is_not_null()
        if isinstance(dtype, pl.List):
            there &= column.list.len() > 0
        return (there == condition.values[0]).fill_null(False)
    turned = {"not": "is", "without": "contains"}.get(condition.word)
    same = Condition(condition.field, turned or condition.word, condition.values)
    if isinstance(dtype, pl.List):
        found = column.list.eval(_of_value(pl.element(), same)).list.any().fill_null(False)
    else:
        found = _of_value(column, same).fill_null(False)
    return ~found if turned else found


def _of_value(column: pl.Expr, condition: Condition) -> pl.Expr:
    values = condition.values
    if condition.word == "contains":
        parts = [column.str.contains(str(one), literal=True) for one in values]
        return pl.any_horizontal(parts)
    if condition.word == "from":
        return column >= values[0]
    if condition.word == "until":
        return column <= values[0]
    return pl.any_horizontal([column == one for one in values])
