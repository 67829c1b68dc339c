"""Headings and values as a person reads them: Chinese titles, codes in words, lists in one cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl

from exchange_schemas.standard import Field
from publisher.meanings import titles

BETWEEN = "；"  # the items of a list


def headings(fields: Mapping[str, Field]) -> dict[str, str]:
    """Field → title; with the field's name where several have one title."""
    often = Counter(field.title for field in fields.values())
    return {
        name: field.title if often[field.title] == 1 else f"{field.title}（{name}）"
        for name, field in fields.items()
    }


def readable(field: Field) -> pl.Expr:
    """The field's values as texts, of a frame that has it as a column of that name."""
    column = pl.col(field.name)
    if field.kind == "boolean":
        return pl.when(column).then(pl.lit("是")).when(~column).then(pl.lit("否"))
    named = titles(field)
    if field.kind == "list":
        items = column.list.eval(pl.element().replace(named)) if named else column
        return items.list.join(BETWEEN)
    return (column.replace(named) if named else column).cast(pl.String)
