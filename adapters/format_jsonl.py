"""JSON Lines to batches: one object on each line.

Values become cells as in `format_json`. A line that can't be read is one row lost, not the file.
The file is read twice, because a column may first turn up on the last line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from adapters.artefact import Artefact
from adapters.csv_header import refuse_many
from adapters.feed import Feed
from adapters.format_json import Cells, flatten, parse
from adapters.opener import read_blocks
from adapters.prefetch import prefetch
from adapters.reader import Reader
from adapters.text import ENCODING, utf8_blocks
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, issues_frame

BLOCK = 4 << 20  # bytes of text per batch
LONGEST = 16 << 20  # bytes of one line
SHOWN = 500  # characters of a wrong line that are kept


Parse = Callable[[str, str], Any]  # (text, file) → the item; raises SourceUnreadable


def read_jsonl(feed: Feed, artefact: Artefact, block: int = BLOCK) -> Iterator[Batch]:
    """The file's objects as raw batches; raises as `read_lines`."""
    yield from read_lines(feed, artefact, parse, block)


def read_lines(
    feed: Feed, artefact: Artefact, parse: Parse, block: int = BLOCK
) -> Iterator[Batch]:
    """What `parse` makes of every line, as raw batches; `_line` is the line. Blank lines are counted
    in one issue.

    Raises SourceUnreadable: file_empty, bytes_invalid, byte_nul, archive_damaged,
    format_invalid (a line without end).
    """
    source = _Source(feed, artefact, parse, block)
    columns: dict[str, None] = {}
    empty = True
    for lines in source.blocks():
        for number, line in lines:
            empty = False
            cells = _read(line, number, artefact.name, parse)
            if not isinstance(cells, Issue):
                columns.update(dict.fromkeys(cells))
                refuse_many(len(columns), artefact.name)
    if empty:
        raise SourceUnreadable(Issue("file_empty", file=artefact.name))
    # where no line can be read there are no columns to be checked
    yield from prefetch(_batches(source, list(columns) or list(feed.columns)))


Lines = list[tuple[int, bytes]]


@dataclass(slots=True)
class _Source:
    """The lines of a file, which may be gone through more than once."""

    feed: Feed
    artefact: Artefact
    parse: Parse
    size: int
    blank: list[int] = field(default_factory=list)  # numbers of the blank lines

    def blocks(self) -> Iterator[Lines]:
        """The lines that have anything on them, with their numbers, a block's worth at a time."""
        name, number, rest = self.artefact.name, 0, b""
        packed = read_blocks(self.artefact, self.size)
        self.blank = []
        for block in utf8_blocks(packed, self.feed.format.encoding, name):
            *lines, rest = (rest + block).split(b"\n")
            if len(rest) > LONGEST:
                raise _endless(number + len(lines) + 1, name)
            yield self._numbered(lines, number)
            number += len(lines)
        yield self._numbered([rest] if rest else [], number)

    def _numbered(self, lines: list[bytes], before: int) -> Lines:
        self.blank += [number for number, line in enumerate(lines, before + 1) if not line.strip()]
        return [(number, line) for number, line in enumerate(lines, before + 1) if line.strip()]


def _batches(source: _Source, columns: list[str]) -> Iterator[Batch]:
    schema = {LINE: pl.Int64, **dict.fromkeys(columns, pl.String)}
    for lines in source.blocks():
        rows: list[Cells] = []
        numbers: list[int] = []
        wrong: list[Issue] = []
        for number, line in lines:
            cells = _read(line, number, source.artefact.name, source.parse)
            if isinstance(cells, Issue):
                wrong.append(cells)
            else:
                numbers.append(number)
                rows.append(cells)
        data = {name: [cells.get(name) for cells in rows] for name in columns}
        frame = pl.DataFrame({LINE: numbers, **data}, schema=schema)
        yield Batch(frame, issues_frame(wrong), len(wrong))
    if source.blank:
        told = Issue("row_blank", source.blank[0], value=str(len(source.blank)))
        yield Batch(pl.DataFrame(schema=schema), issues_frame([told]))


def _endless(line: int, file: str) -> SourceUnreadable:
    size = f"{LONGEST >> 20} MB"
    params = {
        "format": "jsonl",
        "reason": f"the line is longer than {size}",
        "reason_zh": f"该行超过 {size}",
    }
    return SourceUnreadable(Issue("format_invalid", line, file=file, params=params))


def _read(line: bytes, number: int, file: str, parse: Parse) -> Cells | Issue:
    """The line's cells, or what is wrong with it."""
    text = line.decode()
    try:
        item = parse(text, file)
        if isinstance(item, dict):
            return flatten(item, number, file)
        params = {"reason": "it isn't an object", "reason_zh": "不是对象"}
    except SourceUnreadable as error:
        params = dict(error.issue.params)
    return Issue("line_unreadable", number, value=text[:SHOWN], params=params)


READER = Reader(read_jsonl, {"properties": {"encoding": ENCODING}})
