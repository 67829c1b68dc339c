"""The rows of a table on a sheet as batches: from below its header to where the feed says it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.destinations import destinations
from adapters.feed import Feed
from adapters.sheet import Block, Sheet, cell_name
from adapters.sheet_filling import Filling
from adapters.sheet_header import SheetHeader, find_header, is_blank
from adapters.sheet_issues import SheetIssues
from adapters.sheet_options import TableOptions, table_options
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_frame

_EMPTY = Block(np.empty(0, dtype=np.int64), {})


def read_table(sheet: Sheet, feed: Feed, file: str) -> Iterator[Batch]:
    """The table's rows as raw batches, at least one; `_line` is the number of the row in the sheet.

    Blank rows, and those behind the table's end, are passed over and counted in one issue each.
    Raises SourceUnreadable: table_missing, header_missing, header_empty, column_duplicate.
    """
    told = table_options(feed.format)
    header = find_header(sheet, told, file)
    first = next(header.rest, _EMPTY)
    columns = _with_values(header, told, feed, first)
    table = _Table(sheet, feed, told, columns, header.line)
    yield from table.batches(chain([first], header.rest))


def _with_values(
    header: SheetHeader, told: TableOptions, feed: Feed, first: Block
) -> dict[int, str]:
    """The columns, those without a name only where they have values near the top, or are meant."""
    columns = dict(header.columns)
    for place in sorted(first.cells):
        if told.left - 1 <= place < told.right and place not in columns:
            columns[place] = f"#{place + 1}"
    known = {*feed.columns, *feed.ignore}
    return {
        place: name
        for place, name in columns.items()
        if place in header.named or name in known or not _blank(first, place).all()
    }


def _blank(block: Block, place: int) -> NDArray[np.bool_]:
    column = block.cells.get(place)
    if column is None:
        return np.ones(len(block.lines), dtype=np.bool_)
    return is_blank(column).to_numpy()


@dataclass(slots=True)
class _Table:
    """The rows below a header, on their way from blocks to batches."""

    sheet: Sheet
    feed: Feed
    told: TableOptions
    columns: dict[int, str]
    line: int  # the last one that was looked at
    issues: SheetIssues = field(init=False)
    filling: Filling | None = None
    blank: int = 0
    first_blank: int = 0
    rows: int = 0
    ended: str = ""  # by which text
    after: int = 0  # rows behind the end
    first_after: int = 0
    odd: set[int] = field(default_factory=set)  # places with values that have no column

    def __post_init__(self) -> None:
        goes = destinations(self.feed)
        fields = {place: goes[name] for place, name in self.columns.items() if name in goes}
        marks, filled = self.sheet.marks, self.told.fill_merged
        self.issues = SheetIssues(marks, fields, self.line + 1, filled)
        if filled:
            self.filling = Filling(marks, self.columns, self.line)

    def batches(self, blocks: Iterator[Block]) -> Iterator[Batch]:
        """The rows; with the last of them what there is to tell of the table as a whole."""
        held, ended = _EMPTY, False
        for block in blocks:
            if ended:
                self._pass_rest(block)
                continue
            rows, rest = self._split(block)
            if len(rows.lines):
                if len(held.lines):
                    yield self._batch(held)
                held = rows
            if rest is not None:
                ended = True
                self._pass_rest(rest)
        yield self._batch(held, [*self._tell()])

    def _split(self, block: Block) -> tuple[Block, Block | None]:
        """The table's rows without blank ones; and what stands behind its end, if it is here."""
        stop = int(np.searchsorted(block.lines, self.told.bottom + 1))
        blank = self._find_blank(block)
        if self.told.until_blank:
            stop = min(stop, self._first_gap(block, blank))
        if self.told.until:
            stop = min(stop, self._first_footer(block, blank))
        inside = block.cut(0, stop)
        self._count_blank(inside, blank[:stop])
        self.rows += int(stop - blank[:stop].sum())
        rest = block.cut(stop) if stop < len(block.lines) else None
        return (inside.only(~blank[:stop]) if blank[:stop].any() else inside), rest

    def _find_blank(self, block: Block) -> NDArray[np.bool_]:
        """Which rows have nothing but blanks; each column is asked only for rows still in doubt."""
        blank = np.ones(len(block.lines), dtype=np.bool_)
        for place, column in block.cells.items():
            if self.told.left - 1 <= place < self.told.right:
                doubtful = np.flatnonzero(blank)
                if not len(doubtful):
                    break
                part = column if len(doubtful) == len(blank) else column.gather(doubtful)
                blank[doubtful] = is_blank(part).to_numpy()
        return blank

    def _first_gap(self, block: Block, blank: NDArray[np.bool_]) -> int:
        """Which row is the first behind a blank one, or blank; the table has begun before it."""
        before = np.concatenate([[self.line], block.lines[:-1]])
        begun = self.rows + np.cumsum(~blank) - ~blank > 0
        ends = begun & (blank | (block.lines > before + 1))
        return int(ends.argmax()) if ends.any() else len(ends)

    def _first_footer(self, block: Block, blank: NDArray[np.bool_]) -> int:
        """Which row is the first that begins with a text that ends the table."""
        first = pl.Series([""] * len(block.lines), dtype=pl.String)
        for place in sorted(block.cells, reverse=True):
            if self.told.left - 1 <= place < self.told.right:
                bare = block.cells[place].str.replace_all(r"\s", "")
                first = bare.zip_with(bare != "", first)
        for row in np.flatnonzero(~blank & _starts(first, self.told.until)).tolist():
            self.ended = str(first[row])
            return int(row)
        return len(blank)

    def _count_blank(self, inside: Block, blank: NDArray[np.bool_]) -> None:
        if not len(inside.lines):
            return
        gaps = np.diff(inside.lines, prepend=self.line) - 1
        missing = int(gaps.sum() + blank.sum())
        if missing and not self.first_blank:
            at = int(((gaps > 0) | blank).argmax())
            self.first_blank = int(inside.lines[at] - gaps[at])
        self.blank += missing
        self.line = int(inside.lines[-1])

    def _pass_rest(self, block: Block) -> None:
        lines = block.lines[~self._find_blank(block)]
        self.after += len(lines)
        if len(lines):
            self.first_after = self.first_after or int(lines[0])

    def _batch(self, block: Block, told: Sequence[Issue] = ()) -> Batch:
        issues = [*told, *self._unnamed(block), *self.issues.of(block)]
        cells = self.filling.fill(block) if self.filling and len(block.lines) else block.cells
        empty = pl.Series([""], dtype=pl.String).new_from_index(0, len(block.lines))
        data = [cells.get(place, empty).alias(name) for place, name in self.columns.items()]
        frame = pl.DataFrame([pl.Series(LINE, block.lines, dtype=pl.Int64), *data])
        return Batch(frame, issues_frame(issues))

    def _unnamed(self, rows: Block) -> Iterator[Issue]:
        """Values outside of all columns, told once for each place."""
        for place in rows.cells.keys() - self.columns.keys() - self.odd:
            if self.told.left - 1 <= place < self.told.right:
                has = ~_blank(rows, place)
                if has.any():
                    self.odd.add(place)
                    row = int(has.argmax())
                    line = int(rows.lines[row])
                    words = {"cell": cell_name(line, place + 1), "column": f"#{place + 1}"}
                    yield Issue("cell_unnamed", line, value=rows.text(row, place), params=words)

    def _tell(self) -> Iterator[Issue]:
        """Of the table as a whole."""
        end = min(self.sheet.marks.rows, self.told.bottom)
        phantom = 0 if self.after or self.told.until_blank else end - self.line
        if phantom > 0:  # rows that have a colour or a border and nothing else
            self.first_blank = self.first_blank or self.line + 1
            self.blank += phantom
        if self.blank:
            yield Issue("row_blank", self.first_blank, value=str(self.blank))
        if self.told.until and not self.ended:
            wanted = "、".join(self.told.until)
            yield Issue("table_end_missing", self.line, value=wanted)
        if self.after:
            yield Issue("row_after_table", self.first_after, value=str(self.after))


def _starts(first: pl.Series, texts: tuple[str, ...]) -> NDArray[np.bool_]:
    found = np.zeros(len(first), dtype=np.bool_)
    for text in texts:
        found |= first.str.starts_with("".join(text.split())).to_numpy()
    return found
