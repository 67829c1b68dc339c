"""Cells and rows of RFC 4180."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from exchange_schemas.signs import CONTROL, EMPTY, Signs

END = "\r\n"
_QUOTED = '[,"\r\n]'
_SIGNS = (",", '"', CONTROL, EMPTY)


def quoted(text: pl.Expr, signs: Signs | None = None) -> pl.Expr:
    """`text` as a cell: a missing value is empty, an empty text a quoted empty cell.

    `signs` are those of the text, if known.
    """
    if signs is not None and not signs.any_of(_SIGNS):
        return text.fill_null("")
    whole = '"' + text.str.replace_all('"', '""', literal=True) + '"'
    needed = text.str.contains(_QUOTED) | (text == "")
    return pl.when(needed).then(whole).otherwise(text).fill_null("")


def row(cells: Iterable[pl.Expr]) -> pl.Expr:
    """Cells, none missing, as a row with the end of the line."""
    *others, last = cells
    return pl.concat_str([*others, last + END], separator=",")
