"""Texts of a fixed width, judged two characters at a time: identifiers whose check digit follows
from a sum, and days.

Every pair of characters is looked up in a table of 65,536 numbers, and a text's numbers are added
up. A character that can't stand at its place makes the sum too large, so one pass finds the wrong
form as well as the wrong check digit, several times as fast as a regular expression and a matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

FINE, MALFORMED, MISDIGITED = 0, 1, 2  # verdicts on one value

Sums = NDArray[np.uint32]


class Adder:
    """Adds up the numbers of the characters of texts that have one width, in ASCII.

    `places` has for each place the characters that may stand there, with their numbers.
    """

    def __init__(self, places: Sequence[Mapping[str, int]]) -> None:
        self._places = places
        self._step = 1 if len(places) % 2 else 2
        #: What a text of another form has at least: the largest number that can't overflow.
        self.odd = (2**32 - 1) // (len(places) // self._step)

    def sums(self, values: pl.Series) -> Sums:
        """The sum of every text; `odd` or more where it hasn't the form or is null."""
        fits = (values.str.len_bytes() == len(self._places)).fill_null(value=False)
        if fits.all():
            return self._sums(values)
        out = np.full(len(values), self.odd, dtype=np.uint32)
        if fits.any():
            out[fits.to_numpy()] = self._sums(values.filter(fits))
        return out

    def _sums(self, values: pl.Series) -> Sums:
        total = np.zeros(len(values), dtype=np.uint32)
        units = _letters(values).view("<u2" if self._step == 2 else "u1")
        rows = units.reshape(len(values), len(self._tables))
        for place, table in enumerate(self._tables):
            total += table.take(rows[:, place])
        return total

    @cached_property
    def _tables(self) -> list[Sums]:
        """Number of every character, or of every pair, of which the first is the low byte."""
        tables = [self._table(place) for place in self._places]
        if self._step == 2:
            pairs = zip(tables[::2], tables[1::2], strict=True)
            tables = [np.add.outer(second, first).ravel() for first, second in pairs]
        return [np.minimum(table, self.odd).astype(np.uint32) for table in tables]

    def _table(self, place: Mapping[str, int]) -> NDArray[np.int64]:
        table = np.full(256, self.odd, dtype=np.int64)
        for letter, number in place.items():
            table[ord(letter)] = number
        return table


def _letters(values: pl.Series) -> NDArray[np.uint8]:
    """The bytes of all texts, one behind the other; none is null."""
    array = values.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, text = array.buffers()
    if text is None:
        return np.empty(0, dtype=np.uint8)
    ends = np.frombuffer(offsets, dtype=np.int64)
    first, last = ends[array.offset], ends[array.offset + len(array)]
    return np.frombuffer(text, dtype=np.uint8)[first:last]


def verdicts(
    values: pl.Series, malformed: NDArray[np.bool_], other: NDArray[np.bool_] | None = None
) -> pl.Series:
    """UInt8: what is wrong with every value; null where there is none."""
    told = malformed.view(np.uint8)  # MALFORMED is 1
    if other is not None:
        told = np.where(other & ~malformed, np.uint8(MISDIGITED), told)
    series = pl.Series(values.name, told)
    return series if values.null_count() == 0 else series.set(values.is_null(), None)
