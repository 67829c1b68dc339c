"""Rows of a fixed width to batches: a record on each line, its columns at fixed places.

Exports in GBK count bytes, of which a Chinese character has two; others count characters. Both are
cut a column at a time. Padding around the values is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.artefact import Artefact
from adapters.byte_cells import BYTE_ENCODING
from adapters.destinations import destinations
from adapters.feed import Feed
from adapters.fixed_columns import FIXED_OPTIONS, FixedColumn, Layout, read_layout
from adapters.fixed_rows import ByteRows, CharacterRows
from adapters.opener import read_blocks
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.text import UTF8_BOM, utf8_blocks
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

BLOCK = 4 << 20  # bytes of text in a batch; a row can't be longer
SHOWN = 500  # characters of a wrong row that are kept

_UNITS = {"bytes": "字节", "characters": "字符"}


class Rows(Protocol):
    """Some lines of the file, cut off their line ends."""

    lengths: NDArray[np.int64]

    def cut(self, wanted: NDArray[np.intp], column: FixedColumn) -> tuple[pl.Series, list[int]]:
        """The column's texts in the rows that are wanted, and which of them aren't well encoded."""

    def written(self, row: int) -> str:
        """The whole row."""


def read_fixed(feed: Feed, artefact: Artefact, block: int = BLOCK) -> Iterator[Batch]:
    """The rows as raw batches; blank ones are passed over and counted in one issue.

    Raises SourceUnreadable: file_empty, bytes_invalid, byte_nul, column_duplicate, row_endless,
    archive_damaged; Misdeclared: feed_invalid.
    """
    told = feed.format
    layout = read_layout(told, artefact.name)
    by_bytes = told.get("unit", "characters") == "bytes"
    if by_bytes and told.encoding not in BYTE_ENCODING["enum"]:
        raise _no_bytes(feed)
    blocks = prefetch(read_blocks(artefact, block))
    if not by_bytes:
        blocks = utf8_blocks(blocks, told.encoding, artefact.name)
    table = _Table(feed, layout, artefact.name, by_bytes, told.get("skip", 0))
    yield from prefetch(table.batches(blocks, block))


@dataclass(slots=True)
class _Table:
    feed: Feed
    layout: Layout
    file: str
    by_bytes: bool
    skip: int
    goes: dict[str, str] = field(init=False)
    line: int = 0  # the last one that was looked at
    blank: int = 0
    first_blank: int = 0
    filled: set[tuple[int, int]] = field(default_factory=set)  # gaps that were told

    def __post_init__(self) -> None:
        self.goes = destinations(self.feed)

    def batches(self, blocks: Iterator[bytes], most: int) -> Iterator[Batch]:
        """The rows of one block after another; the last batch tells of the table as a whole."""
        held = b""
        for block in blocks:
            text = held + block
            if not self.line:
                text = text.removeprefix(UTF8_BOM)
            head, end, tail = text.rpartition(b"\n")
            held = tail
            if end:
                yield from self._take(head + end)
            if len(held) > most:
                words = {"found": f"{len(held):,}"}
                raise SourceUnreadable(
                    Issue("row_endless", self.line + 1, file=self.file, params=words)
                )
        if held.strip(b"\r\x1a"):  # what DOS ends its files with
            yield from self._take(held + b"\n")
        if not self.line:
            raise SourceUnreadable(Issue("file_empty", file=self.file))
        told = [Issue("row_blank", self.first_blank, value=str(self.blank))] if self.blank else []
        empty = {LINE: pl.Int64, **{c.name: pl.String for c in self.layout.columns}}
        yield Batch(pl.DataFrame(schema=empty), issues_frame(told))

    def _take(self, text: bytes) -> Iterator[Batch]:
        rows: Rows = (
            ByteRows(text, self.feed.format.encoding) if self.by_bytes else CharacterRows(text)
        )
        lines = self.line + 1 + np.arange(len(rows.lengths))
        self.line += len(lines)
        yield self._batch(rows, lines, lines > self.skip)

    def _batch(self, rows: Rows, lines: NDArray[np.int64], read: NDArray[np.bool_]) -> Batch:
        lengths = rows.lengths
        fits = (lengths <= self.layout.width) & (lengths >= self.layout.least) & read
        issues = []
        unreadable = 0
        for row in np.flatnonzero(read & ~fits).tolist():
            text = rows.written(row)
            if text.strip():
                unreadable += 1
                issues.append(self._wrong(int(lines[row]), text, int(lengths[row])))
            else:
                self._pass_blank(lines[row : row + 1])
        good = np.flatnonzero(fits)
        frame = self._frame(rows, lines[good], good, issues)
        return Batch(frame, issues_frame(issues), unreadable)

    def _frame(
        self, rows: Rows, lines: NDArray[np.int64], good: NDArray[np.intp], issues: list[Issue]
    ) -> pl.DataFrame:
        data = [pl.Series(LINE, lines, dtype=pl.Int64)]
        words = {"encoding": self.feed.format.encoding}
        for column in self.layout.columns:
            text, wrong = rows.cut(good, column)
            goes = self.goes.get(column.name)
            issues += [
                Issue("bytes_cut", int(lines[row]), goes, text[row], params=words)
                for row in (wrong if goes else ())
            ]
            data.append(text.alias(column.name))
        for gap in self.layout.gaps:
            self._look_into(gap, rows, lines, good, issues)
        frame = pl.DataFrame(data)
        blank = frame.select(pl.all_horizontal(pl.exclude(LINE) == "")).to_series()
        if blank.any():
            self._pass_blank(lines[blank.to_numpy()])
            frame = frame.filter(~blank)
        return frame

    def _look_into(
        self, gap: tuple[int, int], rows: Rows, lines: NDArray[np.int64],
        good: NDArray[np.intp], issues: list[Issue],
    ) -> None:  # fmt: skip
        """Tell of the first row that has something where no column is."""
        if gap in self.filled:
            return
        text, _ = rows.cut(good, FixedColumn("", *gap))
        has = (text != "").to_numpy()
        if has.any():
            row = int(has.argmax())
            self.filled.add(gap)
            words = {"found": text[row]}
            place = f"{gap[0] + 1}–{gap[1]}"
            issues.append(Issue("gap_filled", int(lines[row]), value=place, params=words))

    def _wrong(self, line: int, text: str, length: int) -> Issue:
        unit = "bytes" if self.by_bytes else "characters"
        words = {
            "found": str(length),
            "expected": str(self.layout.width),
            "unit": unit,
            "unit_zh": _UNITS[unit],
        }
        return Issue("row_width", line, value=text[:SHOWN], params=words)

    def _pass_blank(self, lines: NDArray[np.int64]) -> None:
        if not self.first_blank or lines[0] < self.first_blank:
            self.first_blank = int(lines[0])
        self.blank += len(lines)


def _no_bytes(feed: Feed) -> Misdeclared:
    encodings = ", ".join(BYTE_ENCODING["enum"])
    params = {
        "place": "format.unit",
        "reason": f"bytes can be counted in {encodings} only",
        "reason_zh": f"仅以下编码可按字节计数：{encodings}",
    }
    return Misdeclared(Issue("feed_invalid", file=feed.path.name, params=params))


READER = Reader(read_fixed, FIXED_OPTIONS)
