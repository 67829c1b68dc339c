"""A sheet of any workbook: its rows as text, block by block, and what the text doesn't show."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from sys import getsizeof
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.cell_text import PRECISE, texts

SIZE = 16 << 20  # bytes that the values of a block take in memory
POSITIONS = 4 << 20  # … and its cells, with or without a value
LAST_ROW, LAST_COLUMN, LAST_LETTERS = 1 << 20, 1 << 14, "XFD"  # of any sheet

Place = tuple[int, int]  # row and column
Range = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass(slots=True)
class Marks:
    """Rows and columns count from 1.

    `rows` is the last row that the file mentions, be it empty. `hidden` are rows in order. `formulas`
    maps a row to the columns with a formula, `uncached` has the formulas without a stored result,
    `errors` what stands in cells such as #N/A, `midnights` the dates that are shown with 00:00,
    `merged` the ranges that are one cell.
    """

    rows: int = 0
    hidden: array[int] = field(default_factory=lambda: array("L"))
    formulas: dict[int, array[int]] = field(default_factory=dict)
    uncached: set[Place] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    midnights: set[Place] = field(default_factory=set)
    merged: list[Range] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows, one below the other; those without any value may be left out.

    `lines` are their numbers in the sheet, `cells` maps a place in the row, from 0, to the texts of
    all rows there, "" for an empty cell; a place that is left out has none. `imprecise` are cells
    with numbers of more than 15 digits.
    """

    lines: NDArray[np.int64]
    cells: Mapping[int, pl.Series]
    imprecise: Sequence[Place] = ()

    def text(self, row: int, place: int) -> str:
        """The cell's text; `row` counts from 0 within the block."""
        found = self.cells.get(place)
        return "" if found is None else str(found[row])

    def texts(self, row: int) -> list[str]:
        """The row's texts up to the last place."""
        return [self.text(row, place) for place in range(max(self.cells, default=-1) + 1)]

    def cut(self, start: int, stop: int | None = None) -> Block:
        """The rows from `start`, counted from 0, up to `stop`."""
        part = slice(start, stop)
        return Block(self.lines[part], {k: c[part] for k, c in self.cells.items()}, self.imprecise)

    def only(self, wanted: NDArray[np.bool_]) -> Block:
        """The rows that are wanted."""
        mask = pl.Series(wanted)
        cells = {place: column.filter(mask) for place, column in self.cells.items()}
        return Block(self.lines[wanted], cells, self.imprecise)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`marks` are complete for the rows that were read so far, or for all of them from the start.

    `blocks` gives the rows from the first, once; it raises SourceUnreadable.
    """

    name: str
    marks: Marks
    blocks: Callable[[], Iterator[Block]]

    def rows(self) -> Iterator[list[str]]:
        """The texts of every row up to the last that has any; all are as wide as the widest so far.

        Instead of `blocks`, for small sheets.
        """
        line = width = 0
        for block in self.blocks():
            width = max(width, *(place + 1 for place in block.cells), 0)
            for row, number in enumerate(block.lines.tolist()):
                yield from ([""] * width for _ in range(line + 1, number))
                cells = block.texts(row)
                yield cells + [""] * (width - len(cells))
                line = number


def blocks_of(rows: Iterable[tuple[int, list[Any]]], size: int = SIZE) -> Iterator[Block]:
    """Rows (their number, and their values from the first column on) as blocks of about `size`."""
    lines: list[int] = []
    taken: list[list[Any]] = []
    held = wide = 0
    for line, row in rows:
        if row.count("") == len(row):
            continue
        lines.append(line)
        taken.append(row)
        held += sum(map(getsizeof, row))
        wide = max(wide, len(row))
        if held > size or wide * len(taken) > POSITIONS:
            yield _block(lines, taken)
            lines, taken, held, wide = [], [], 0, 0
    if taken:
        yield _block(lines, taken)


def _block(lines: list[int], rows: list[list[Any]]) -> Block:
    cells, imprecise = {}, []
    for place, values in enumerate(zip_longest(*rows, fillvalue="")):
        if values.count("") == len(values):
            continue
        cells[place] = pl.Series(texts(values), dtype=pl.String)
        for line, value in zip(lines, values, strict=True):
            if type(value) in (int, float) and abs(value) >= PRECISE:
                imprecise.append((line, place + 1))
    return Block(np.array(lines, dtype=np.int64), cells, imprecise)


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """1 → A, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """B3 for row 3, column 2."""
    return f"{column_letters(column)}{row}"
