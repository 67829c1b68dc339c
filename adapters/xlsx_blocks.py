"""The cells of an .xlsx, found and converted, as blocks of rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.sheet import Block, Marks
from adapters.workbook_styles import NUMBER
from adapters.xlsx_strings import with_escapes
from adapters.xlsx_tokens import Bools, Ints, Tokens
from adapters.xlsx_values import moment_texts, number_texts

TEXT = 64 << 20  # bytes of text in a block

_EMPTY, _SHARED, _TEXT, _TRUTH, _ERROR, _NUMBERS = range(6)  # and from there on by style
_WAYS = {"s": _SHARED, "str": _TEXT, "inlineStr": _TEXT, "d": _TEXT, "b": _TRUTH, "e": _ERROR}
_NONE = np.empty(0, dtype=np.intp)
_TRUTHS = {"1": "true", "0": "false"}


class TextMissing(Exception):
    """A cell names a shared text that isn't there."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the cells of all sheets name: shared texts, what the styles show, and the day 0."""

    strings: pl.Series
    styles: NDArray[np.int64]
    from_1904: bool


@dataclass(slots=True)
class Maker:
    """Makes blocks of tokens, and notes in `marks` what the texts don't show.

    `text` counts the bytes of all cells' texts so far.
    """

    shared: Shared
    marks: Marks
    text: int = 0

    def blocks(self, tokens: Tokens) -> Iterator[Block]:
        """The rows; with little text it is one block."""
        marks = self.marks
        marks.rows = int(tokens.lines[-1])
        marks.hidden.extend(tokens.hidden)
        ways = self._ways(tokens)
        texts, places, imprecise = self._texts(tokens, ways)
        self._mark(tokens, ways, texts, places)
        block = Block(tokens.lines, _columns(tokens, texts, places), imprecise)
        each = texts.str.len_bytes()
        size = int(each.sum())
        self.text += size
        if size <= TEXT:
            yield block
            return
        sizes = np.bincount(tokens.owner, each.to_numpy()[places], len(tokens.lines))
        starts = np.flatnonzero(np.diff(np.cumsum(sizes) // TEXT, prepend=-1)).tolist()
        for start, stop in pairwise([*starts, len(sizes)]):
            yield block.cut(start, stop)

    def _ways(self, tokens: Tokens) -> Ints:
        """How each cell's value becomes text."""
        found = []
        for style, kind in tokens.kinds:
            shown = self.shared.styles[style] if style < len(self.shared.styles) else NUMBER
            found.append(_WAYS.get(kind, _NUMBERS + int(shown)))
        ways = np.array(found, dtype=np.int64)[tokens.kind]
        return ways if tokens.has.all() else np.where(tokens.has, ways, _EMPTY)

    def _texts(self, tokens: Tokens, ways: Ints) -> tuple[pl.Series, Ints, list[tuple[int, int]]]:
        """Some texts, which of them each cell has, and the cells with numbers that lost digits."""
        parts = [pl.Series([""], dtype=pl.String)]
        places = np.zeros(len(ways), dtype=np.int64)
        imprecise: list[tuple[int, int]] = []
        count = 1
        for way in np.flatnonzero(np.bincount(ways)[1:]).tolist():
            way += 1  # noqa: PLW2901 - 0 is no way, but that of empty cells
            which = np.flatnonzero(ways == way)
            if way == _SHARED:
                made, lost = self._shared_texts(tokens.numbers(which)), _NONE
            else:
                made, lost = self._made(tokens.raw(which), way)
            parts.append(made)
            places[which] = np.arange(count, count + len(which))
            count += len(which)
            for cell in which[lost].tolist():
                line = int(tokens.lines[tokens.owner[cell]])
                imprecise.append((line, int(tokens.column[cell])))
        return pl.concat(parts, rechunk=True), places, imprecise

    def _shared_texts(self, numbers: pl.Series) -> pl.Series:
        """The texts with these numbers; raises TextMissing."""
        known = numbers.is_between(0, len(self.shared.strings) - 1)
        if known.null_count() or not known.all():
            raise TextMissing
        return self.shared.strings.gather(numbers)

    def _made(self, raw: pl.Series, way: int) -> tuple[pl.Series, NDArray[np.intp]]:
        if way == _TEXT:
            return with_escapes(raw), _NONE
        if way == _TRUTH:
            return raw.replace(_TRUTHS), _NONE
        if way == _ERROR:
            return raw, _NONE
        plain = way - _NUMBERS == NUMBER
        written = raw.str.strip_chars()
        if plain:
            return number_texts(written)
        return moment_texts(written, way - _NUMBERS, self.shared.from_1904)

    def _mark(self, tokens: Tokens, ways: Ints, texts: pl.Series, places: Ints) -> None:
        for cell in np.flatnonzero(ways == _ERROR).tolist():
            line = int(tokens.lines[tokens.owner[cell]])
            self.marks.errors[line, int(tokens.column[cell])] = texts[int(places[cell])]
        for cell in np.flatnonzero(tokens.formula).tolist():
            line, column = int(tokens.lines[tokens.owner[cell]]), int(tokens.column[cell])
            self.marks.formulas.setdefault(line, array("L")).append(column)
            given = tokens.kinds[tokens.kind[cell]][1] == "str" or texts[int(places[cell])]
            if not given:  # a formula may give the empty text
                self.marks.uncached.add((line, column))


def _columns(tokens: Tokens, texts: pl.Series, places: Ints) -> dict[int, pl.Series]:
    """Place in the row, from 0 → the texts of all rows, for columns with any."""
    filled: Bools = places > 0
    cells = np.flatnonzero(filled)
    columns = tokens.column[cells].astype(np.int16)
    order = np.argsort(columns, kind="stable")
    cells, columns = cells[order], columns[order]
    starts = np.flatnonzero(np.diff(columns, prepend=0)).tolist()
    found = {}
    for start, stop in pairwise([*starts, len(cells)]):
        index = np.zeros(len(tokens.lines), dtype=np.uint32)
        index[tokens.owner[cells[start:stop]]] = places[cells[start:stop]]
        found[int(columns[start]) - 1] = texts.gather(pl.Series(index))
    return found
