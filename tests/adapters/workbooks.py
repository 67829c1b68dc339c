"""Workbooks made for one test: real ones, and ones whose XML was changed afterwards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

SHEET = "xl/worksheets/sheet1.xml"


def workbook(fill: Callable[[Any, Any], None], *names: str) -> bytes:
    """What `fill(book, first sheet)` makes; the sheets have these names, or one is called 数据."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheets = [book.add_worksheet(name) for name in names or ("数据",)]
        fill(book, sheets[0])
    return target.getvalue()


def table(*rows: Sequence[Any]) -> bytes:
    """A workbook with these rows; dates and booleans as Excel keeps them, texts as text."""

    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, rows)

    return workbook(fill)


def write(book: Any, sheet: Any, rows: Sequence[Sequence[Any]], top: int = 0) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number, row in enumerate(rows, top):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, value)
            elif hasattr(value, "isoformat"):
                sheet.write_datetime(number, place, value, day if type(value) is date else moment)
            else:
                sheet.write(number, place, value)


def with_part(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return target.getvalue()
