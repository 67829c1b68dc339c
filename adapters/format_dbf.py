"""DBF tables (dBase III to FoxPro) to batches; `_line` is the number of the record.

Records have a fixed width, so a block of them is cut into columns without looking at any one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.artefact import Artefact
from adapters.byte_cells import BYTE_ENCODING, Bytes, codec_of, decode_cells
from adapters.cell_text import texts
from adapters.dbf_header import DbfColumn, DbfHeader, read_header
from adapters.destinations import destinations
from adapters.feed import Feed
from adapters.prefetch import prefetch
from adapters.reader import Reader
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_frame

SIZE = 4 << 20  # bytes of records in a batch

Numbers = NDArray[np.int64]

_KEPT, _DELETED = ord(" "), ord("*")
_JULIAN = 1_721_425  # day number of what Python calls day 0
_LAST_DAY, _DAY = 3_652_059, 86_400_000  # 9999-12-31, and the thousandths of a day


def read_dbf(feed: Feed, artefact: Artefact, size: int = SIZE) -> Iterator[Batch]:
    """The records as raw batches; deleted ones are passed over and counted in one issue.

    Raises SourceUnreadable: file_empty, format_invalid, column_duplicate.
    """
    header = read_header(artefact, codec_of(feed.format.encoding))
    yield from prefetch(_Table(header, feed, artefact, size).batches())


@dataclass(slots=True)
class _Table:
    header: DbfHeader
    feed: Feed
    artefact: Artefact
    size: int
    goes: dict[str, str] = field(init=False)
    deleted: int = 0
    first_deleted: int = 0

    def __post_init__(self) -> None:
        self.goes = destinations(self.feed)

    def batches(self) -> Iterator[Batch]:
        """The records in blocks; the last batch tells of the table as a whole."""
        each = max(1, self.size // self.header.record)
        with self.artefact.path.open("rb") as source:
            source.seek(self.header.length)
            for first in range(1, self.header.records + 1, each):
                count = min(each, self.header.records + 1 - first)
                content = source.read(count * self.header.record)
                records = np.frombuffer(content, dtype=np.uint8).reshape(count, -1)
                yield self._batch(records, first)
        yield self._batch(np.empty((0, self.header.record), dtype=np.uint8), 1, [*self._tell()])

    def _batch(self, records: Bytes, first: int, told: list[Issue] | None = None) -> Batch:
        marks = records[:, 0]
        lines = np.arange(first, first + len(records))
        issues = told or []
        odd = (marks != _KEPT) & (marks != _DELETED)
        for line in lines[odd].tolist():
            mark = f"{records[line - first, 0]:02X}"
            issues.append(Issue("record_unmarked", line, value=mark))
        self._count(lines[marks == _DELETED])
        kept = marks == _KEPT
        if not kept.all():
            records, lines = records[kept], lines[kept]
        data = [pl.Series(LINE, lines, dtype=pl.Int64)]
        for column in self.header.columns:
            cells = records[:, column.start : column.stop]
            data.append(self._column(column, cells, lines, issues).alias(column.name))
        return Batch(pl.DataFrame(data), issues_frame(issues), int(odd.sum()))

    def _column(
        self, column: DbfColumn, cells: Bytes, lines: Numbers, issues: list[Issue]
    ) -> pl.Series:
        goes = self.goes.get(column.name)
        if column.memo:
            named = _has_memo(cells).nonzero()[0].tolist() if goes else []
            issues += [Issue("memo_unread", int(lines[row]), goes) for row in named]
            return pl.Series([""], dtype=pl.String).new_from_index(0, len(cells))
        if column.kind in "IYTB":
            return pl.Series(_numbers(column.kind, cells), dtype=pl.String)
        text, wrong = decode_cells(cells, self.feed.format.encoding)
        words = {"encoding": self.feed.format.encoding}
        if goes:
            issues += [
                Issue("bytes_cut", int(lines[row]), goes, text[row], params=words) for row in wrong
            ]
        if column.kind == "D":
            return text.replace("00000000", "")
        return text.replace("?", "") if column.kind == "L" else text

    def _count(self, deleted: Numbers) -> None:
        if len(deleted):
            self.first_deleted = self.first_deleted or int(deleted[0])
            self.deleted += len(deleted)

    def _tell(self) -> Iterator[Issue]:
        if self.deleted:
            yield Issue("record_deleted", self.first_deleted, value=str(self.deleted))
        for column in self.header.columns:
            if column.memo and column.name not in self.goes:
                yield Issue("column_memo", value=column.name)


def _has_memo(cells: Bytes) -> NDArray[np.bool_]:
    """Which cells name a place in the memo file: in digits, or as a number of four bytes."""
    blank = (ord(" "), ord("0"), 0) if cells.shape[1] != 4 else (0,)
    return np.asarray(np.isin(cells, blank, invert=True).any(axis=1))


def _numbers(kind: str, cells: Bytes) -> list[str]:
    """Values of Visual FoxPro that aren't kept as text."""
    content = np.ascontiguousarray(cells).tobytes()
    if kind == "I":
        return [str(value) for value in np.frombuffer(content, dtype="<i4").tolist()]
    if kind == "Y":  # money, in ten thousandths
        amounts = np.frombuffer(content, dtype="<i8").tolist()
        return [format(Decimal(amount).scaleb(-4), "f") for amount in amounts]
    if kind == "B":
        return texts(np.frombuffer(content, dtype="<f8").tolist())
    moments = np.frombuffer(content, dtype="<u4").reshape(-1, 2).tolist()
    return [_moment(day, thousandths) for day, thousandths in moments]


def _moment(day: int, thousandths: int) -> str:
    if not day:
        return ""
    if not (_JULIAN < day <= _JULIAN + _LAST_DAY and thousandths < _DAY):
        return f"{day}:{thousandths}"  # no converter takes it
    moment = datetime.fromordinal(day - _JULIAN) + timedelta(milliseconds=thousandths)
    return moment.isoformat(timespec="seconds")


READER = Reader(
    read_dbf,
    {"required": ["encoding"], "properties": {"encoding": BYTE_ENCODING}},
    whole_file=True,
    hostile=True,
)
