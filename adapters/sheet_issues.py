"""What is wrong with a sheet's rows that their values don't tell, as issues with the cell's name."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping

import numpy as np

from adapters.sheet import Block, Marks, Range, cell_name
from exchange_schemas.issue import Issue


class SheetIssues:
    """Looks at mapped columns only: what the feed doesn't take can't be taken wrongly.

    `fields` maps places in a row, from 0, to the field that the column goes to (of several the
    first), so that the cell isn't reported as missing as well. `first` is the table's first row.
    With `filled` a value that is merged over several rows was repeated in each.
    """

    def __init__(self, marks: Marks, fields: Mapping[int, str], first: int, filled: bool) -> None:
        self._marks, self._fields, self._first, self._filled = marks, fields, first, filled
        self._seen = 0  # merged ranges that were looked at
        self._waiting: list[tuple[Range, str]] = []  # … and matter, with their fields

    def of(self, block: Block) -> Iterator[Issue]:
        """The issues of these rows."""
        if not len(block.lines):
            return
        yield from self._hidden(block)
        yield from self._merged(block)
        if self._marks.formulas:
            yield from self._computed(block)
        yield from self._errors(block)
        read = set(block.lines.tolist()) if block.imprecise else set()
        for line, column in block.imprecise:
            name = self._fields.get(column - 1)
            if name is not None and line in read:
                row = int(np.searchsorted(block.lines, line))
                words = {"cell": cell_name(line, column)}
                yield Issue(
                    "number_imprecise", line, name, block.text(row, column - 1), params=words
                )

    def _merged(self, block: Block) -> Iterator[Issue]:
        """Where several rows share a cell, nobody can tell whether its value is meant for all."""
        self._waiting += filter(None, map(self._wait_for, self._marks.merged[self._seen :]))
        self._seen = len(self._marks.merged)
        first, last = int(block.lines[0]), int(block.lines[-1])
        self._waiting = [one for one in self._waiting if one[0][2] >= first]
        told: dict[int, Issue] = {}
        for merged, name in self._waiting:
            top, left, bottom, right = merged
            if top > last or len(told) == len(block.lines):
                continue
            start, stop = np.searchsorted(block.lines, [max(top, self._first), bottom + 1])
            cells = f"{cell_name(top, left)}:{cell_name(bottom, right)}"
            for line in block.lines[start:stop].tolist():
                told.setdefault(line, Issue("cell_merged", line, name, cells))
        yield from (told[line] for line in sorted(told))

    def _wait_for(self, merged: Range) -> tuple[Range, str] | None:
        top, left, bottom, right = merged
        # a lone row's first cell has its own value
        first = left if top == bottom or self._filled else left - 1
        names = [name for place, name in self._fields.items() if first <= place < right]
        return (merged, names[0]) if names else None

    def _hidden(self, block: Block) -> Iterator[Issue]:
        hidden, lines = self._marks.hidden, block.lines
        if hidden:
            near = hidden[bisect_left(hidden, lines[0]) : bisect_right(hidden, lines[-1])]
            read = set(lines.tolist())
            yield from (Issue("row_hidden", line) for line in near if line in read)

    def _computed(self, block: Block) -> Iterator[Issue]:
        marks = self._marks
        for row, line in enumerate(block.lines.tolist()):
            for column in marks.formulas.get(line, ()):
                name = self._fields.get(column - 1)
                if name is None or (line, column) in marks.errors:
                    continue
                words = {"cell": cell_name(line, column)}
                if (line, column) in marks.uncached:
                    yield Issue("formula_uncached", line, name, params=words)
                else:
                    value = block.text(row, column - 1)
                    yield Issue("cell_formula", line, name, value, params=words)

    def _errors(self, block: Block) -> Iterator[Issue]:
        errors = self._marks.errors
        if not errors:
            return
        for line in block.lines.tolist():
            for place, name in self._fields.items():
                found = errors.get((line, place + 1))
                if found is not None:
                    words = {"cell": cell_name(line, place + 1)}
                    yield Issue("cell_error", line, name, found, params=words)
