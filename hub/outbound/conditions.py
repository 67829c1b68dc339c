"""Whether a condition of a declaration holds for a record."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.standard import Field
from hub.outbound.rule import When


def holds(when: When | None, fields: Mapping[str, Field]) -> pl.Expr:
    """Boolean without nulls: every named field has one of its values; none: it is empty."""
    if not when:
        return pl.lit(value=True)
    return pl.all_horizontal(_has(fields[name], values) for name, values in when.items())


def _has(field: Field, values: tuple[str, ...]) -> pl.Expr:
    column = pl.col(field.name)
    if not values:
        empty = column.is_null()
        return empty | (column.list.len() == 0).fill_null(value=True) if _is_list(field) else empty
    wanted = pl.Series(values, dtype=pl.String).implode()
    if _is_list(field):
        found = column.list.eval(pl.element().is_in(wanted)).list.any()
    else:
        found = column.cast(pl.String).is_in(wanted)
    return found.fill_null(value=False)


def _is_list(field: Field) -> bool:
    return field.kind == "list"
