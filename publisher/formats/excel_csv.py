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

import string
from collections.abc import Mapping

import polars as pl

from exchange_schemas.signs import Signs, signs_of, signs_of_columns
from exchange_schemas.standard import Field, Standard
from publisher.formats.block import Block, block_of
from publisher.formats.csv_cells import END, quoted, row
from publisher.formats.readable import headings, readable
from publisher.meanings import titles

NAME = "records-excel.csv"
SEPARATOR = FOOT = END.encode()
NO_ROWS = b""
BEFORE, AFTER = "'", "\t"
_FORMULA = r"""^[\s\x00-\x20\u{a0}\u{3000}\u{feff}"'“”‘’]*[=+\-@＝＋－＠\t\r\n\x00]"""
# Fifteen digits are what a spreadsheet's number keeps. A plus before twelve or more is a telephone.
_MEASURED = ("decimal", "date", "datetime")
_NUMBER = r"^(-?\d{1,15}|\+\d{1,11})(\.\d{1,15})?([eE][+-]?\d{1,3})?$"
_ALTERED = r"^(\d{12,}|0\d+|\d+[eE]\d+|\d{1,4}[-/]\d{1,4})$"

# Bytes with which nothing begins that is calculated or altered: letters, and Chinese characters.
_DIGITS = frozenset(b"0123456789")
_SAFE = frozenset(string.ascii_letters.encode()) | frozenset(range(0xE4, 0xEA))


def head(standard: Standard, fields: Mapping[str, Field]) -> bytes:
    """BOM and headings, with the end of the line."""
    cells = (
        pl.Series(list(headings(fields).values())).to_frame("cell").select(quoted(pl.col("cell")))
    )
    return b"\xef\xbb\xbf" + ",".join(cells.to_series()).encode() + SEPARATOR


def block(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    lines: pl.Series,
    signs: Mapping[str, Signs] | None = None,
) -> Block:
    """The rows as they stand in the file."""
    lists = [field for field in fields.values() if field.kind == "list"]
    joined = rows.select(readable(field).alias(field.name) for field in lists)
    known = {**(signs or signs_of_columns(rows)), **signs_of_columns(joined)}
    cells = [_cell(field, known.get(name)) for name, field in fields.items()]
    shown = rows.with_columns(joined.get_columns())
    return block_of(shown.select(row(cells)).to_series(), SEPARATOR)


def _cell(field: Field, signs: Signs | None) -> pl.Expr:
    """The value as a cell of the file; `signs` are those of the texts, codes as they are, and lists
    joined already."""
    text = pl.col(field.name) if field.kind == "list" else readable(field)
    if signs is None:  # a number or a Boolean
        return text.fill_null("")
    signs |= signs_of(pl.Series(list(titles(field).values()), dtype=pl.String))
    if not signs.first <= _SAFE | _DIGITS:
        text = inert(text)
    if field.kind not in _MEASURED and not signs.first <= _SAFE:
        text = text_kept(text)
    return quoted(text, signs)


def inert(text: pl.Expr) -> pl.Expr:
    """`text` so that no spreadsheet program calculates it."""
    formula = text.str.contains(_FORMULA) & ~text.str.contains(_NUMBER)
    return pl.when(~formula).then(text).otherwise(BEFORE + text)


def text_kept(text: pl.Expr) -> pl.Expr:
    """`text` so that no spreadsheet program takes it for a number or a date."""
    return pl.when(text.str.contains(_ALTERED)).then(text + AFTER).otherwise(text)
