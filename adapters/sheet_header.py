"""The header of a table on a sheet: where it stands, and the names that it gives to columns.

Departments write titles above their tables, headers of two rows with merged cells, and several
tables on a sheet; the feed says which of these (`sheet_options.py`), and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from adapters.csv_header import EDGES, name_columns
from adapters.sheet import Block, Range, Sheet
from adapters.sheet_options import TableOptions
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

WITHIN = 25  # rows in which a header is looked for
JOINT = "/"  # between the names of a header of several rows

_BREAK = re.compile(r"\s*[\r\n]\s*")  # put into a column's name to make it fit
_SHOWN = 8  # cells of a row that a message names

Row = tuple[int, list[str]]  # its number, and its tidied cells from the first column on


@dataclass(frozen=True, slots=True)
class SheetHeader:
    """`columns` maps places in the row, from 0, to names, those without one as `#` and the place.

    `named` are the places that have a name, `line` is the header's last row, `rest` what follows.
    """

    columns: dict[int, str]
    named: frozenset[int]
    line: int
    rest: Iterator[Block]


def find_header(sheet: Sheet, told: TableOptions, file: str) -> SheetHeader:
    """The table's header.

    Raises SourceUnreadable: table_missing, header_missing, header_empty, column_duplicate.
    """
    rows = _Rows(sheet.blocks(), told)
    start = told.top
    if told.after is not None:
        start = rows.skip_past(told.after, file) + 1
    if told.contains:
        header = _containing(rows, start, sheet, told, file)
    elif told.header_row is not None:
        header = rows.take(told.header_row, told.header_rows)
    else:
        first = rows.first_with_text(start)
        header = rows.take(first, told.header_rows)
    return _named(header, sheet, told, file, rows.rest())


class _Rows:
    """Goes through a sheet's rows one by one, until the header is found."""

    def __init__(self, blocks: Iterator[Block], told: TableOptions) -> None:
        self._blocks, self._told = blocks, told
        self._block: Block | None = None

    def take(self, first: int, count: int) -> list[Row]:
        """`count` rows from row `first` on; what is above them is left behind."""
        return [self._take(line) for line in range(first, first + count)]

    def rest(self) -> Iterator[Block]:
        """The blocks of the rows that weren't taken."""
        if self._block is not None:
            yield self._block
        yield from self._blocks

    def skip_past(self, text: str, file: str) -> int:
        """The number of the first row with a cell that has `text` in it."""
        while (block := self._next()) is not None:
            has = np.zeros(len(block.lines), dtype=np.bool_)
            for column in block.cells.values():
                has |= column.str.contains(text, literal=True).to_numpy()
            if has.any():
                at = int(has.argmax())
                self._block = block.cut(at + 1)
                return int(block.lines[at])
            self._block = None
        raise SourceUnreadable(Issue("table_missing", value=text, file=file))

    def first_with_text(self, start: int) -> int:
        """The number of the first row from `start` on that has any text; `start` if none has."""
        while (block := self._next()) is not None:
            for at, line in enumerate(block.lines):
                if line >= start and any(self._cells(block, at)):
                    self._block = block.cut(at)
                    return int(line)
            self._block = None
        return start

    def peek(self, start: int, count: int) -> list[Row]:
        """The next rows from `start` up to the one before `start + count`, left where they are."""
        found: list[Row] = []
        held: list[Block] = []
        while (block := self._next()) is not None:
            if int(block.lines[-1]) >= start:
                held.append(block)
            self._block = None
            near = [at for at, line in enumerate(block.lines) if start <= line < start + count]
            found += [(int(block.lines[at]), self._cells(block, at)) for at in near]
            if int(block.lines[-1]) >= start + count:
                break
        self._blocks = _chain(held, self._blocks)
        return found

    def _take(self, line: int) -> Row:
        while (block := self._next()) is not None:
            at = int(np.searchsorted(block.lines, line))
            if at < len(block.lines):
                if block.lines[at] != line:
                    self._block = block.cut(at)
                    return line, []
                self._block = block.cut(at + 1)
                return line, self._cells(block, at)
            self._block = None
        return line, []

    def _next(self) -> Block | None:
        while self._block is None or not len(self._block.lines):
            self._block = next(self._blocks, None)
            if self._block is None:
                return None
        return self._block

    def _cells(self, block: Block, at: int) -> list[str]:
        cells = [tidy(cell) for cell in block.texts(at)[: self._told.right]]
        return [""] * min(self._told.left - 1, len(cells)) + cells[self._told.left - 1 :]


def _chain(held: list[Block], rest: Iterator[Block]) -> Iterator[Block]:
    yield from held
    yield from rest


def _containing(rows: _Rows, start: int, sheet: Sheet, told: TableOptions, file: str) -> list[Row]:
    """The first rows that have all the cells that are asked for, at least one in the first of them.

    With a header of several rows a cell is asked for as it stands, or by its joined name.
    """
    wanted = [tidy(text) for text in told.contains]
    near = dict(rows.peek(start, WITHIN + told.header_rows))
    best: tuple[int, int] = (0, start)
    for line in range(start, start + WITHIN):
        header = [(n, near.get(n, [])) for n in range(line, line + told.header_rows)]
        own = set(header[0][1])
        whole = own.union(*(cells for _, cells in header), _joined(header, sheet.marks.merged))
        found = sum(text in whole for text in wanted)
        if found == len(wanted) and any(text in own or JOINT in text for text in wanted):
            return rows.take(line, told.header_rows)
        best = max(best, (found, -line))
    raise _header_missing(wanted, near.get(-best[1], []), -best[1], best[0], file)


def _header_missing(
    wanted: Sequence[str], nearest: list[str], line: int, found: int, file: str
) -> SourceUnreadable:
    """Says which row comes nearest, and what it has."""
    params = {"within": str(WITHIN)}
    if not found:
        return SourceUnreadable(
            Issue("header_missing", value="、".join(wanted), file=file, params=params)
        )
    params["missing"] = "、".join(text for text in wanted if text not in nearest)
    params["found"] = "、".join([cell for cell in nearest if cell][:_SHOWN])
    return SourceUnreadable(
        Issue("header_missing_near", line, value="、".join(wanted), file=file, params=params)
    )


def _named(
    header: list[Row], sheet: Sheet, told: TableOptions, file: str, rest: Iterator[Block]
) -> SheetHeader:
    names = _joined(header, sheet.marks.merged)
    line = header[-1][0]
    if not any(names):
        raise SourceUnreadable(Issue("header_empty", header[0][0], file=file))
    places = [place for place, name in enumerate(names) if place >= told.left - 1]
    given = name_columns(names, line, file)
    columns = {place: given[place] for place in places}
    named = frozenset(place for place in places if names[place])
    return SheetHeader(columns, named, line, rest)


def _joined(header: list[Row], merged: Sequence[Range]) -> list[str]:
    """The columns' names: those of several rows from the top down, each once."""
    names = header[-1][1]
    if len(header) == 1:
        return names
    above = [_filled(row, merged) for row in header[:-1]]
    width = max(len(cells) for cells in [*above, names])
    parts = zip(
        *([*cells, *[""] * (width - len(cells))] for cells in [*above, names]), strict=True
    )
    return [JOINT.join(_once(column)) for column in parts]


def _filled(row: Row, merged: Sequence[Range]) -> list[str]:
    """The row's cells, with what stands in merged ones repeated to their right."""
    line, cells = row
    filled = list(cells)
    for top, left, _, right in merged:
        if top == line and right > left and left <= len(cells):
            filled += [""] * (right - len(filled))
            filled[left - 1 : right] = [cells[left - 1]] * (right - left + 1)
    return filled


def _once(parts: Sequence[str]) -> Iterator[str]:
    before = ""
    for part in parts:
        if part and part != before:
            yield part
        before = part or before


def tidy(cell: str) -> str:
    """A header's cell without the blanks around it and the line breaks that make it fit."""
    return _BREAK.sub("", cell.strip(EDGES))


def is_blank(column: pl.Series) -> pl.Series:
    """Whether the cells have nothing but blanks."""
    empty = column == ""
    return empty if empty.all() else column.str.strip_chars(EDGES) == ""
