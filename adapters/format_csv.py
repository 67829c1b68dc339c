"""CSV to batches: pyarrow splits the cells, we say on which line each row stands.

Rows end with LF, CR LF or CR. Cells may be quoted and then have line ends and doubled quotes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
from numpy.typing import NDArray

from adapters.artefact import Artefact
from adapters.csv_dialect import DIALECT, Dialect, csv_dialect
from adapters.csv_header import Header, take_header
from adapters.csv_lines import LineCounter, WrongRow
from adapters.feed import Feed
from adapters.opener import read_blocks
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.text import ENCODING, utf8_blocks
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, empty_issues, issues_frame

# Bytes of text per batch; a row can't be longer than two blocks. Small batches cost time, because
# each goes through a hundred expressions, large ones memory; rows are from 50 bytes to 5,000.
SMALLEST, LARGEST = 1 << 20, 8 << 20
ROWS = 12_000  # of a batch, as far as the first rows tell
PEEK = 1 << 16
SHOWN = 500  # characters of a wrong row that are kept


def read_csv(feed: Feed, artefact: Artefact, block: int | None = None) -> Iterator[Batch]:
    """The file's rows as raw batches of `block` bytes; without it of some 12,000 rows. Blank rows are
    passed over and counted in one issue.

    Raises SourceUnreadable: file_empty, bytes_invalid, byte_nul, column_duplicate, quote_open,
    archive_damaged, format_invalid (a line that is too long).
    """
    # Pyarrow asks for blocks of at most `block` bytes: a little is left for what text.py holds
    # back, and elsewhere than in UTF-8 one byte can become three.
    block = _block(artefact) if block is None else block
    size = block - 4 if feed.format.encoding == "utf-8" else block // 3 - 4
    dialect = csv_dialect(feed.format)
    size = size if dialect.delimiter == dialect.told else size // 2 - 4
    packed = prefetch(read_blocks(artefact, size))
    blocks = utf8_blocks(packed, feed.format.encoding, artefact.name)
    header, rest = take_header(
        dialect.separated(blocks, block, artefact.name), dialect, artefact.name
    )
    table = _Table(header, dialect, artefact.name, block)
    yield from prefetch(table.batches(rest))


def _block(artefact: Artefact) -> int:
    """The bytes of a batch, by the length of the first lines."""
    start = next(read_blocks(artefact, PEEK), b"")
    line = len(start) // (start.count(b"\n") or 1)
    return max(SMALLEST, min(LARGEST, ROWS * line))


@dataclass(slots=True)
class _Table:
    """The rows after a header, on their way from bytes to batches."""

    header: Header
    dialect: Dialect
    file: str
    block: int
    count: LineCounter = field(init=False)
    blank: list[int] = field(default_factory=list)  # lines of blank rows
    complete: bool = False  # the parser has met the end mark as a row of its own

    def __post_init__(self) -> None:
        self.count = LineCounter(self.header.lines + 1)

    @property
    def end_mark(self) -> str:
        """A row that no file can have: NUL is refused before, and it is a cell too long.

        It is written behind the last row. Swallowed by a cell, it shows that a quote is open.
        """
        return "\0" + self.dialect.delimiter * len(self.header.columns)

    def batches(self, blocks: Iterator[bytes]) -> Iterator[Batch]:
        source = _BlockFile(blocks, self.end_mark.encode())
        try:
            for rows in self._parse(source):
                yield self._batch(rows)
        except pa.ArrowInvalid as error:  # a row longer than two blocks
            self.count.pass_rest()
            raise self._open_quote(self.count.line) from error
        last = self._last()
        if not self.complete:
            raise self._open_quote(self.count.last_line)
        yield last

    def _parse(self, source: _BlockFile) -> Iterator[pa.RecordBatch]:
        columns = list(self.header.columns)
        yield from pc.open_csv(
            pa.PythonFile(source, "r"),
            # one thread, or the parser couldn't tell the number of a wrong row
            pc.ReadOptions(block_size=self.block, use_threads=False, column_names=columns),
            pc.ParseOptions(
                delimiter=self.dialect.delimiter,
                quote_char=self.dialect.quote or False,
                escape_char=self.dialect.escape or False,
                newlines_in_values=True,
                ignore_empty_lines=False,  # they count as lines
                invalid_row_handler=self._take_wrong,
            ),
            pc.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # text.py has done it
            ),
        )

    def _take_wrong(self, row: pc.InvalidRow) -> str:
        if row.text == self.end_mark:
            self.complete = True
        else:
            breaks = row.text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
            text = self.dialect.as_written(row.text[:SHOWN])
            wrong = WrongRow(row.number, row.actual_columns, breaks, text)
            self.count.wrong.append(wrong)
        return "skip"

    def _batch(self, rows: pa.RecordBatch) -> Batch:
        frame = pl.DataFrame(rows)
        lines, wrong = self.count.pass_rows(rows, frame)
        frame = self._without_blank(frame, lines)
        return Batch(frame, self._issues(wrong), len(wrong))

    def _last(self) -> Batch:
        wrong = self.count.pass_rest()
        issues = self._issues(wrong)
        if self.blank:
            passed = Issue("row_blank", self.blank[0], value=str(len(self.blank)))
            issues = pl.concat([issues, issues_frame([passed])])
        empty = {LINE: pl.Int64, **dict.fromkeys(self.header.columns, pl.String)}
        return Batch(pl.DataFrame(schema=empty), issues, len(wrong))

    def _without_blank(self, frame: pl.DataFrame, lines: NDArray[np.int64]) -> pl.DataFrame:
        placed = frame.insert_column(0, pl.Series(LINE, lines, dtype=pl.Int64))
        if not (placed.to_series(1) == "").any():
            return placed
        blank = pl.all_horizontal(pl.exclude(LINE) == "")
        self.blank += placed.filter(blank)[LINE].to_list()
        return placed.filter(~blank)

    def _issues(self, wrong: list[tuple[int, WrongRow]]) -> pl.DataFrame:
        if not wrong:
            return empty_issues()
        expected = str(len(self.header.columns))
        return issues_frame(
            [
                Issue(
                    "row_length",
                    line,
                    value=row.text,
                    params={"found": str(row.cells), "expected": expected},
                )
                for line, row in wrong
            ]
        )

    def _open_quote(self, line: int) -> SourceUnreadable:
        return SourceUnreadable(Issue("quote_open", line, file=self.file))


class _BlockFile:
    """Blocks as a file for pyarrow: each read gives the next block, and last the end mark."""

    def __init__(self, blocks: Iterator[bytes], end_mark: bytes) -> None:
        self._blocks, self._end_mark = blocks, end_mark
        self._last = b"\n"
        self.closed = False

    def read(self, _size: int) -> bytes:
        """The next block, of whatever length; b"" after the end."""
        for block in self._blocks:
            if block:
                self._last = block[-1:]
                return block
        mark, self._end_mark = self._end_mark, b""
        return mark if self._last in b"\r\n" or not mark else b"\n" + mark

    def readable(self) -> bool:
        """Asked by pyarrow."""
        return True

    def close(self) -> None:
        """Asked by pyarrow."""
        self.closed = True


READER = Reader(
    read_csv,
    {
        **DIALECT,
        "required": ["encoding"],
        "properties": {"encoding": ENCODING, **DIALECT["properties"]},
    },
)
