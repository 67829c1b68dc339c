"""Values of a release as a person reads them in a workbook, each with its proper type.

Amounts, counts and dates are numbers where a number keeps them exactly: up to fifteen digits, days
from March 1900 on (before it, Excel counts a day that never was). All else is text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, partial

import polars as pl
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from exchange_schemas.standard import Field
from publisher.formats.readable import readable
from publisher.formats.text_cell import write_text

DIGITS = 15  # that a spreadsheet's number keeps
_FIRST, _ZERO = date(1900, 3, 1), date(1899, 12, 30)

Writer = Callable[[Worksheet, int, int, str], object]


def readable_rows(rows: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """All columns as texts: codes by their titles, lists joined, yes and no in Chinese."""
    return rows.select(readable(field).alias(name) for name, field in fields.items())


def writers(fields: Mapping[str, Field], day: Format) -> list[Writer]:
    """What writes a column's texts into cells; `day` is the format of a date."""
    kinds: dict[str, Writer] = {
        "integer": _write_number,
        "decimal": _write_number,
        "date": partial(_write_day, style=day),
    }
    return [kinds.get(field.kind, write_text) for field in fields.values()]


def _write_number(sheet: Worksheet, row: int, column: int, text: str) -> None:
    if sum(map(str.isdigit, text)) <= DIGITS:
        sheet.write_number(row, column, float(text))
    else:
        write_text(sheet, row, column, text)


def _write_day(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    serial = _serial(text)
    if serial is None:
        write_text(sheet, row, column, text)
    else:
        sheet.write_number(row, column, serial, style)


@cache
def _serial(text: str) -> int | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return (day - _ZERO).days if day >= _FIRST else None
