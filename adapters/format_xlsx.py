"""Workbooks (.xlsx, .xlsm) to batches: a table with a header and one record in each row below.

`_line` is the number of the row in the sheet. What can't be seen in the values is told: cells that
are merged, computed or errors, and rows that are hidden.
"""

from __future__ import annotations

from collections.abc import Iterator

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.sheet_options import SHEET_OPTIONS
from adapters.sheets import read_sheets
from adapters.workbook import Workbook
from exchange_schemas.batch import Batch

SIZE = 4 << 20  # bytes of a sheet's XML that a batch is made of


def read_xlsx(feed: Feed, artefact: Artefact, size: int = SIZE) -> Iterator[Batch]:
    """The tables' rows as raw batches; blank rows are passed over and counted in one issue.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, workbook_other,
    format_invalid, sheet_missing, table_missing, header_missing, header_empty, column_duplicate.
    """
    book = Workbook(artefact.path, artefact.name)
    yield from prefetch(
        read_sheets(feed, artefact.name, book.names, lambda name: book.sheet(name, size))
    )


READER = Reader(read_xlsx, SHEET_OPTIONS, whole_file=True, hostile=True)
