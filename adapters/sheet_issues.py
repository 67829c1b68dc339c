"""What is wrong with a sheet's rows that their values don't tell, as issues with the cell's name."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.cell_text import PRECISE, number_text, texts
from adapters.feed import Feed
from adapters.workbook import Range, Sheet
from adapters.workbook_marks import column_letters
from exchange_schemas.issue import Issue


class SheetIssues:
    """Looks at mapped columns only: what the feed doesn't take can't be taken wrongly.

    `columns` maps places in a row, from 0, to names. Issues carry the field that a column goes to
    (of several the first), so that the cell isn't reported as missing as well.
    """

    def __init__(self, sheet: Sheet, feed: Feed, columns: Mapping[int, str]) -> None:
        self._sheet, self._first = sheet, feed.format.get("header_row", 1) + 1
        fields: dict[str, str] = {}
        for name, rule in feed.fields.items():
            for column in rule.columns:
                fields.setdefault(column, name)
        self._fields = {k: fields[column] for k, column in columns.items() if column in fields}
        self._merged: dict[int, Issue] = {}
        for merged in sheet.merged:
            self._take_range(merged)

    def of(self, lines: Sequence[int], values: Sequence[Sequence[Any]]) -> Iterator[Issue]:
        """The issues of some rows: their lines in order, and their values column by column."""
        if not lines:
            return
        yield from self._hidden(lines)
        if self._merged:
            yield from (self._merged[line] for line in lines if line in self._merged)
        if self._sheet.marks.formulas:
            yield from self._computed(lines, values)
        yield from self._errors(lines)
        for place in self._fields:
            yield from self._imprecise(place, lines, values[place])

    def _take_range(self, merged: Range) -> None:
        """Where several rows share a cell, nobody can tell whether its value is meant for all."""
        top, left, bottom, right = merged
        first = left if top == bottom else left - 1  # a lone row's first cell has its own value
        fields = [name for place, name in self._fields.items() if first <= place < right]
        if not fields:
            return
        cells = f"{_name(top, left)}:{_name(bottom, right)}"
        for line in range(max(top, self._first), min(bottom, self._sheet.marks.rows) + 1):
            self._merged.setdefault(line, Issue("cell_merged", line, fields[0], cells))

    def _hidden(self, lines: Sequence[int]) -> Iterator[Issue]:
        hidden = self._sheet.marks.hidden
        if hidden:
            near = hidden[bisect_left(hidden, lines[0]) : bisect_right(hidden, lines[-1])]
            read = set(lines)
            yield from (Issue("row_hidden", line) for line in near if line in read)

    def _computed(self, lines: Sequence[int], values: Sequence[Sequence[Any]]) -> Iterator[Issue]:
        marks = self._sheet.marks
        for row, line in enumerate(lines):
            for column in marks.formulas.get(line, ()):
                name = self._fields.get(column - 1)
                if name is None or (line, column) in marks.errors:
                    continue
                words = {"cell": _name(line, column)}
                if (line, column) in marks.uncached:
                    yield Issue("formula_uncached", line, name, params=words)
                else:
                    (value,) = texts([values[column - 1][row]])
                    yield Issue("cell_formula", line, name, value, params=words)

    def _errors(self, lines: Sequence[int]) -> Iterator[Issue]:
        errors = self._sheet.marks.errors
        if not errors:
            return
        for line in lines:
            for place, name in self._fields.items():
                found = errors.get((line, place + 1))
                if found is not None:
                    words = {"cell": _name(line, place + 1)}
                    yield Issue("cell_error", line, name, found, params=words)

    def _imprecise(
        self, place: int, lines: Sequence[int], values: Sequence[Any]
    ) -> Iterator[Issue]:
        for line, value in zip(lines, values, strict=True):
            if type(value) in (int, float) and abs(value) >= PRECISE:
                words = {"cell": _name(line, place + 1)}
                yield Issue(
                    "number_imprecise", line, self._fields[place], number_text(value), params=words
                )


def _name(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"
