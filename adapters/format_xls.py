"""Workbooks of before 2007 (.xls) to batches; what is told, and how a table is found, is as in
`format_xlsx`."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

from adapters.artefact import Artefact
from adapters.compound_file import CompoundFault, read_stream, wrap_stream
from adapters.feed import Feed
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.sheet import SIZE, Sheet
from adapters.sheet_options import SHEET_OPTIONS
from adapters.sheets import read_sheets
from adapters.workbook_calamine import Book
from adapters.workbook_kind import Fault, fault_of, refuse_others
from adapters.workbook_zip import check_size
from adapters.xls_cells import XlsSheet
from adapters.xls_records import Locked, read_records
from exchange_schemas.batch import Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

POSITIONS = 8 << 20  # cells of all sheets' rectangles, at 32 bytes each
TEXT = 256 << 20  # bytes of all cells' texts together
_STREAM = 256 << 20  # bytes of a workbook's records
_NAMES = ("Workbook", "Book")


def read_xls(feed: Feed, artefact: Artefact, size: int = SIZE) -> Iterator[Batch]:
    """The tables' rows as raw batches.

    Raises SourceUnreadable: file_empty, workbook_locked, workbook_too_large, workbook_other,
    format_invalid, sheet_missing, table_missing, header_missing, header_empty, column_duplicate.
    """
    path, file = artefact.path, artefact.name
    refuse_others(path, file, "xls")
    fault = fault_of(file, "xls")
    stream, sheets = _look_into(artefact, fault)
    book = Book(BytesIO(wrap_stream(_NAMES[0], stream)), file, fault)
    if len(book.names) != len(sheets):
        raise fault("its sheets aren't all there", "其中的工作表不完整")

    marks = {name: sheet.marks for name, sheet in zip(book.names, sheets, strict=True)}

    def open_one(name: str) -> Sheet:
        return book.sheet(name, marks[name], size)

    yield from prefetch(read_sheets(feed, file, book.names, open_one))


def _look_into(artefact: Artefact, fault: Fault) -> tuple[bytearray, list[XlsSheet]]:
    """The workbook's records, and its sheets once it is sure that they fit into memory."""
    file = artefact.name
    try:
        stream = bytearray(read_stream(artefact.path, _NAMES, _STREAM))
        sheets = read_records(stream)
    except Locked as error:
        raise SourceUnreadable(Issue("workbook_locked", file=file)) from error
    except (CompoundFault, ValueError, IndexError, struct.error) as error:
        raise fault(str(error), f"内容有误（{error}）") from error
    cells, text = sum(s.positions for s in sheets), sum(s.text for s in sheets)
    check_size(file, ("cells", "个单元格"), cells, POSITIONS)
    check_size(file, ("MB", "MB"), text >> 20, TEXT >> 20)
    return stream, sheets


READER = Reader(read_xls, SHEET_OPTIONS, whole_file=True, hostile=True)
