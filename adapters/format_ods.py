"""OpenDocument spreadsheets (.ods) to batches; what is told, and how a table is found, is as in
`format_xlsx`. Read in bounded memory, row by row."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.ods_rows import OdsRows, table_names
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.sheet import SIZE, Sheet, blocks_of
from adapters.sheet_options import SHEET_OPTIONS
from adapters.sheets import read_sheets
from adapters.workbook_zip import Package, open_package
from exchange_schemas.batch import Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_MANIFEST = "META-INF/manifest.xml"


def read_ods(feed: Feed, artefact: Artefact, size: int = SIZE) -> Iterator[Batch]:
    """The tables' rows as raw batches.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, workbook_other,
    format_invalid, sheet_missing, table_missing, header_missing, header_empty, column_duplicate.
    """
    package = open_package(artefact.path, artefact.name, "ods")
    _refuse_locked(package)

    def open_one(name: str) -> Sheet:
        rows = OdsRows(package, name)
        return Sheet(name, rows.marks, lambda: blocks_of(rows.rows(), size))

    yield from prefetch(read_sheets(feed, artefact.name, table_names(package), open_one))


def _refuse_locked(package: Package) -> None:
    if _MANIFEST.lower() in package.parts:
        for _ in package.elements(_MANIFEST, "encryption-data"):
            raise SourceUnreadable(Issue("workbook_locked", file=package.file))


READER = Reader(read_ods, SHEET_OPTIONS, whole_file=True, hostile=True)
