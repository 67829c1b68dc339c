"""The header row of a CSV file: the first row that has any text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from adapters.csv_dialect import Dialect
from exchange_schemas.batch import LINE
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

# Besides white space: the marks that exports leave at the edges of a header cell.
EDGES = " \t\r\n\u3000\u00a0\ufeff\u200b"

_BREAK = re.compile(rb"\r\n|\n|\r")


MOST_COLUMNS = 16_384  # of a sheet of Excel; each costs memory before the first row is read


@dataclass(frozen=True, slots=True)
class Header:
    """`columns` are trimmed; a nameless one is `#` and its place. `lines` counts what was read."""

    columns: tuple[str, ...]
    lines: int


def take_header(
    blocks: Iterator[bytes], dialect: Dialect, file: str
) -> tuple[Header, Iterator[bytes]]:
    """The header and the blocks that follow it; the dialect's `names` where the file has none.

    Raises SourceUnreadable: file_empty, quote_open (the header's quotes aren't in pairs),
    column_duplicate.
    """
    first = _skipped(blocks, dialect.skip, file)
    if dialect.names:
        names = name_columns(dialect.names, dialect.skip + 1, file)
        return Header(names, dialect.skip), chain([first], blocks)
    cells, count, size = _first_row(first.decode(), dialect, file)
    while size == len(first) and not first.endswith(b"\n") and (more := next(blocks, b"")):
        first += more  # the header's line end, or what is left of the header
        cells, count, size = _first_row(first.decode(), dialect, file)
    lines = dialect.skip + count
    return Header(name_columns(cells, lines, file), lines), chain([first[size:]], blocks)


def _skipped(blocks: Iterator[bytes], lines: int, file: str) -> bytes:
    """The first text below so many lines; raises SourceUnreadable (file_empty)."""
    for block in blocks:
        ends = (found.end() for found in _BREAK.finditer(block))
        start = 0
        while lines and (end := next(ends, None)) is not None:
            lines, start = lines - 1, end
        if not lines and start < len(block):
            return block[start:]
    raise SourceUnreadable(Issue("file_empty", file=file))


def refuse_many(columns: int, file: str) -> None:
    """Raises SourceUnreadable (columns_too_many) where no table of records has so many."""
    if columns > MOST_COLUMNS:
        raise SourceUnreadable(Issue("columns_too_many", value=str(columns), file=file))


def name_columns(cells: Iterable[str], line: int, file: str) -> tuple[str, ...]:
    """The columns that a header's cells name; raises SourceUnreadable (column_duplicate,
    columns_too_many).
    """
    columns = tuple(_name(cell.strip(EDGES), place) for place, cell in enumerate(cells, 1))
    refuse_many(len(columns), file)
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            raise SourceUnreadable(Issue("column_duplicate", line, value=column, file=file))
        seen.add(column)
    return columns


def _name(cell: str, place: int) -> str:
    return f"#{place}" if cell in ("", LINE) else cell  # a batch has its own _line


def _first_row(text: str, dialect: Dialect, file: str) -> tuple[list[str], int, int]:
    """Cells of the first row with any text, the lines up to its end, and their bytes in UTF-8."""
    lines = io.StringIO(text, newline="")  # "" keeps \n, \r and \r\n as they are
    # readline, because iterating would read ahead and spoil tell()
    rows = dialect.reader(iter(lines.readline, ""))
    start = 1
    try:
        for cells in rows:
            if any(cell.strip(EDGES) for cell in cells):
                return cells, rows.line_num, len(text[: lines.tell()].encode())
            start = rows.line_num + 1
    except csv.Error as error:
        raise SourceUnreadable(Issue("quote_open", start, file=file)) from error
    raise SourceUnreadable(Issue("file_empty", file=file))
