"""records.xlsx: what a person opens in a spreadsheet program, without the perils of CSV.

Every cell has a type, so codes keep their digits and no text is calculated. The second sheet says what
the columns mean, whose the data are and under which terms. A sheet holds 1,048,575 records; further
ones go on to further sheets. Rows are written as they come, so memory doesn't grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import east_asian_width

import polars as pl
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from exchange_schemas.standard import Field, Standard
from publisher.formats.readable import headings
from publisher.formats.text_cell import write_text
from publisher.formats.workbook_about import ABOUT, write_about
from publisher.formats.workbook_cells import Writer, readable_rows, writers

NAME = "records.xlsx"
SHEET = "记录"
RECORDS = 1_048_575  # that go under the headings of one sheet
PART = 2_000  # rows that are texts at a time
_NARROW, _WIDE = 8, 48  # characters
_SAMPLE = 200  # rows that tell how wide a column should be
_UNDATED = datetime(1980, 1, 1, tzinfo=UTC)  # as the entries of the archive have it


def write(
    path: Path,
    standard: Standard,
    fields: Mapping[str, Field],
    slices: Iterable[pl.DataFrame],
    created: datetime | None = None,
    licence: str = "",
) -> None:
    """Write all rows; the same input gives the same bytes. Raises OSError.

    `created` is what the file says of itself, `licence` a line on the terms of use.
    """
    created = (created or _UNDATED).astimezone(UTC)
    book = Workbook(str(path), {"constant_memory": True})
    book.set_properties({"title": standard.title, "author": standard.owner, "created": created})
    sheets = _Sheets(book, fields)
    about = book.add_worksheet(ABOUT)
    for part in (part for one in slices for part in one.iter_slices(PART)):
        sheets.append(readable_rows(part, fields))
    sheets.finish()
    write_about(about, book, standard, fields, licence)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(error) from error


class _Sheets:
    """The sheets with records, of which the last is being written."""

    def __init__(self, book: Workbook, fields: Mapping[str, Field]) -> None:
        self._book = book
        self._headings = list(headings(fields).values())
        self._bold = book.add_format({"bold": True, "bg_color": "#DDE7F3", "border": 1})
        self._writers: list[Writer] = writers(
            fields, book.add_format({"num_format": "yyyy-mm-dd"})
        )
        self._number = 0
        self._widths: list[int] | None = None
        self._begin()

    def append(self, rows: pl.DataFrame) -> None:
        """Write rows of texts, on another sheet where this one is full."""
        if self._widths is None:
            self._widths = _widths(self._headings, rows.head(_SAMPLE))
            self._widen()
        for row in rows.iter_rows():
            if self._line == RECORDS:
                self.finish()
                self._begin()
                self._widen()
            self._line += 1
            for place, text in enumerate(row):
                if text:  # an empty text is an empty cell
                    self._writers[place](self._sheet, self._line, place, text)

    def finish(self) -> None:
        """The sheet has all its rows."""
        self._sheet.autofilter(0, 0, self._line, len(self._headings) - 1)

    def _begin(self) -> None:
        self._number += 1
        name = SHEET if self._number == 1 else f"{SHEET}{self._number}"
        self._sheet: Worksheet = self._book.add_worksheet(name)
        self._line = 0
        self._sheet.freeze_panes(1, 0)
        # Codes are texts on purpose: no green corner at every cell.
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for place, heading in enumerate(self._headings):
            write_text(self._sheet, 0, place, heading, self._bold)

    def _widen(self) -> None:
        for place, width in enumerate(self._widths or ()):
            self._sheet.set_column(place, place, width)


def _widths(names: list[str], rows: pl.DataFrame) -> list[int]:
    """Characters of each column that show most of its values."""
    columns = zip(names, rows.iter_columns(), strict=True)
    return [
        min(max(_NARROW, *(_width(text) for text in (name, *values.drop_nulls()))) + 2, _WIDE)
        for name, values in columns
    ]


def _width(text: str) -> int:
    line = text.partition("\n")[0][:_WIDE]
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in line)
