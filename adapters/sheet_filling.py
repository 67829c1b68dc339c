"""Values of cells that are merged over several rows, repeated in each of them: only where a person
has declared that this is what they mean (`fill_merged: true`)."""

from __future__ import annotations

from collections.abc import Container, Mapping

import numpy as np
import polars as pl

from adapters.sheet import Block, Marks, Range


class Filling:
    """Goes through a table block by block; `places` are its columns, `header` its header's line."""

    def __init__(self, marks: Marks, places: Container[int], header: int) -> None:
        self._marks, self._places, self._header = marks, places, header
        self._seen = 0
        self._open: dict[Range, str | None] = {}  # ranges that may go on, with their value

    def fill(self, block: Block) -> Mapping[int, pl.Series]:
        """The block's cells, with the values of merged ones in their first column repeated."""
        self._open.update(
            (merged, None)
            for merged in self._marks.merged[self._seen :]
            if merged[2] > merged[0] > self._header and merged[1] - 1 in self._places
        )
        self._seen = len(self._marks.merged)
        changed: dict[int, list[str]] = {}
        last = int(block.lines[-1])
        for merged in [one for one in self._open if one[0] <= last]:
            self._fill(merged, block, changed)
            if merged[2] <= last:
                del self._open[merged]
        filled = {place: pl.Series(cells, dtype=pl.String) for place, cells in changed.items()}
        return {**block.cells, **filled}

    def _fill(self, merged: Range, block: Block, changed: dict[int, list[str]]) -> None:
        top, left, bottom, _ = merged
        start, stop = map(int, np.searchsorted(block.lines, [top, bottom + 1]))
        if start < stop and block.lines[start] == top:
            self._open[merged] = block.text(start, left - 1)
            start += 1
        value = self._open[merged]
        if value and start < stop:
            if left - 1 not in changed:
                column = block.cells.get(left - 1)
                texts = [""] * len(block.lines) if column is None else column.to_list()
                changed[left - 1] = texts
            changed[left - 1][start:stop] = [value] * (stop - start)
