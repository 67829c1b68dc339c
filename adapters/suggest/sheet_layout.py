"""Which row of a sheet is the header: found by reading the sheet as if its first row were it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from adapters.suggest.csv_layout import Row, find_header
from exchange_schemas.batch import LINE
from exchange_schemas.errors import SourceUnreadable

Reading = Callable[[Mapping[str, Any]], pl.DataFrame]

_NAMELESS = re.compile(r"#\d+")
_TRIES = 6  # rows; each is read by a process of its own
# What a reader says of a first row that isn't a header.
_NO_HEADER = ("header_empty", "column_duplicate")


def sheet_rows(reading: Reading) -> tuple[dict[str, Any], pl.DataFrame]:
    """`header_row` and `header_rows` where they aren't 1, and the rows that they leave.

    `reading` gives the rows, with `_line`, that a header row leaves. Raises SourceUnreadable as the
    reader does, where no row will do.
    """
    first, frame = _first_readable(reading)
    lines = [first, *frame[LINE].to_list()]
    cells = frame.drop(LINE)
    head = ["" if _NAMELESS.fullmatch(name) else name for name in cells.columns]
    rows = [head, *([(cell or "").strip() for cell in row] for row in cells.iter_rows())]
    found = find_header(rows, _width(rows))
    place, count = found or (0, 1)
    options = {"header_row": lines[place], "header_rows": count}
    told = {name: value for name, value in options.items() if value > 1}
    return told, frame if options == {"header_row": first, "header_rows": 1} else reading(told)


def _first_readable(reading: Reading) -> tuple[int, pl.DataFrame]:
    """The first row that can be read as a header, whatever it says, and the rows below it."""
    fault: SourceUnreadable | None = None
    for row in range(1, _TRIES + 1):
        try:
            return row, reading({"header_row": row})
        except SourceUnreadable as error:
            if error.issue.code not in _NO_HEADER:
                raise
            fault = fault or error
    raise fault or AssertionError("no row was tried")


def _width(rows: list[Row]) -> int:
    """How many cells the fuller rows have."""
    filled = sorted(sum(bool(cell) for cell in row) for row in rows)
    return max(1, filled[len(filled) * 2 // 3])
