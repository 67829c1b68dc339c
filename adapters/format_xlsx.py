"""Workbooks (.xlsx, .xlsm) to batches: one sheet, with a header row and one record in each row below.

`_line` is the number of the row in the sheet. What can't be seen in the values is told: cells that
are merged, computed or errors, and rows that are hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from sys import getsizeof

import polars as pl

from adapters.artefact import Artefact
from adapters.cell_text import texts
from adapters.csv_header import EDGES, name_columns
from adapters.feed import Feed
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.sheet_issues import SheetIssues
from adapters.workbook import Sheet, Value, open_sheet
from adapters.workbook_marks import LAST_ROW
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

SIZE = 16 << 20  # bytes that the values of a batch take in memory

_BREAK = re.compile(r"\s*[\r\n]\s*")  # put into a column's name to make it fit


def read_xlsx(feed: Feed, artefact: Artefact, size: int = SIZE) -> Iterator[Batch]:
    """The sheet's rows as raw batches; blank rows are passed over and counted in one issue.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, format_invalid,
    sheet_missing, header_empty, column_duplicate.
    """
    sheet = open_sheet(artefact.path, artefact.name, feed.format.get("sheet"))
    columns = _columns(sheet, feed.format.get("header_row", 1), artefact.name)
    yield from prefetch(_Table(sheet, feed, columns, size).batches())


def _columns(sheet: Sheet, header_row: int, file: str) -> dict[int, str]:
    """Place in the row, from 0 → column; one without name is `#` and its place, if it has values."""
    rows = sheet.rows()
    names = texts(next(islice(rows, header_row - 1, None), []))
    names = [_BREAK.sub("", name.strip(EDGES)) for name in names]
    if not any(names):
        raise SourceUnreadable(Issue("header_empty", header_row, file=file))
    columns = dict(enumerate(name_columns(names, header_row, file)))
    nameless = [place for place, name in enumerate(names) if not name]
    if nameless:
        used = {place for row in rows for place in nameless if texts([row[place]])[0].strip(EDGES)}
        columns = {k: name for k, name in columns.items() if names[k] or k in used}
    return columns


@dataclass(slots=True)
class _Table:
    """The rows below a header, on their way from values to batches."""

    sheet: Sheet
    feed: Feed
    columns: dict[int, str]
    size: int
    issues: SheetIssues = field(init=False)
    blank: int = 0
    first_blank: int = 0

    def __post_init__(self) -> None:
        self.issues = SheetIssues(self.sheet, self.feed, self.columns)

    def batches(self) -> Iterator[Batch]:
        """The rows in batches of `size`; the last batch may have none."""
        line, held = self.feed.format.get("header_row", 1), 0
        taken: dict[int, list[Value]] = {}
        for row in islice(self.sheet.rows(), line, None):
            line += 1
            if _is_blank(row):
                self._pass_blank(line, 1)
                continue
            taken[line] = row
            held += sum(map(getsizeof, row))
            if held > self.size:
                yield self._batch(taken)
                taken, held = {}, 0
        # rows that have a colour or a border and nothing else
        self._pass_blank(line + 1, self.sheet.marks.rows - line)
        told = [Issue("row_blank", self.first_blank, value=str(self.blank))] if self.blank else []
        yield self._batch(taken, told)

    def _batch(self, taken: dict[int, list[Value]], told: Sequence[Issue] = ()) -> Batch:
        lines = list(taken)
        values = list(zip(*taken.values(), strict=True))
        data = {name: texts(values[k]) if lines else [] for k, name in self.columns.items()}
        schema = dict.fromkeys(data, pl.String)
        frame = pl.DataFrame(data, schema=schema)
        frame.insert_column(0, pl.Series(LINE, lines, dtype=pl.Int64))
        return Batch(frame, issues_frame([*told, *self.issues.of(lines, values)]))

    def _pass_blank(self, line: int, count: int) -> None:
        if count > 0:
            self.first_blank = self.first_blank or line
            self.blank += count


def _is_blank(row: list[Value]) -> bool:
    if row.count("") == len(row):
        return True
    return all(type(value) is str and not value.strip(EDGES) for value in row)


READER = Reader(
    read_xlsx,
    {
        "properties": {
            "sheet": {"type": "string", "minLength": 1},
            "header_row": {"type": "integer", "minimum": 1, "maximum": LAST_ROW},
        }
    },
    whole_file=True,
    hostile=True,
)
