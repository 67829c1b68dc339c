"""records-excel.csv: what a person opens in a spreadsheet program and sees as it is.

BOM, CRLF, Chinese headings, and the titles of codes instead of the codes. A spreadsheet reads cells its own way, so some are guarded:

- Text that would start a formula (= + - @, tab, carriage return, also full-width, behind blanks
  or quotes too) gets an apostrophe before it, as OWASP's CSV injection page advises. Plain
  numbers such as -1250.5 or 1e-7 stay as they are.
- Digits that would be rounded, shown as 9.14E+17 or lose leading zeros, codes such as 12E3 and
  pairs such as 1-2 that would become dates, get a tab after them: the cell is text then, and
  looks unchanged. A tab is no part of any value, so whoever reads the file can cut it off.

Amounts and dates have no such tab, so they can be added up and sorted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Field
from publisher.meanings import titles

SEPARATOR = "；"
BEFORE, AFTER = "'", "\t"
_FORMULA = r"""^[\s\x00-\x20\u{a0}\u{3000}\u{feff}"'“”‘’]*[=+\-@＝＋－＠\t\r\n\x00]"""
# Fifteen digits are what a spreadsheet's number keeps. A plus before twelve or more is a telephone.
_MEASURED = ("decimal", "date", "datetime")
_NUMBER = r"^(-?\d{1,15}|\+\d{1,11})(\.\d{1,15})?([eE][+-]?\d{1,3})?$"
_ALTERED = r"^(\d{12,}|0\d+|\d+[eE]\d+|\d{1,4}[-/]\d{1,4})$"


def write(frame: pl.DataFrame, fields: Mapping[str, Field], path: Path) -> None:
    """Write all rows; raises OSError."""
    headings = _headings(fields)
    cells = [_cell(field).alias(headings[name]) for name, field in fields.items()]
    frame.lazy().select(cells).sink_csv(path, include_bom=True, line_terminator="\r\n")


def _headings(fields: Mapping[str, Field]) -> dict[str, str]:
    often = Counter(field.title for field in fields.values())
    return {
        name: field.title if often[field.title] == 1 else f"{field.title}（{name}）"
        for name, field in fields.items()
    }


def _cell(field: Field) -> pl.Expr:
    column = _titled(field)
    if field.kind == "integer":
        return column
    if field.kind == "boolean":
        return pl.when(column).then(pl.lit("是")).when(~column).then(pl.lit("否"))
    if field.kind == "list":
        column = column.list.join(SEPARATOR)
    return inert(column) if field.kind in _MEASURED else text_kept(inert(column))


def _titled(field: Field) -> pl.Expr:
    """The values, with the titles of codes in their place."""
    column, named = pl.col(field.name), titles(field)
    if not named:
        return column
    if field.kind == "list":
        return column.list.eval(pl.element().replace(named))
    return column.replace(named)


def inert(text: pl.Expr) -> pl.Expr:
    """`text` so that no spreadsheet program calculates it."""
    formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(~formula).then(text).otherwise(BEFORE + text)


def text_kept(text: pl.Expr) -> pl.Expr:
    """`text` so that no spreadsheet program takes it for a number or a date."""
    return pl.when(text.str.contains(_ALTERED)).then(text + AFTER).otherwise(text)
