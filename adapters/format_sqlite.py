"""One table of an SQLite file to batches, or one view of it: every value as exact text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from adapters.artefact import Artefact
from adapters.csv_header import name_columns
from adapters.feed import Feed
from adapters.reader import Reader
from adapters.sqlite_file import TABLE, VIEW, chosen, columns_of, opened, rows_of
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import Issue, issues_frame

ROWS, CELLS = 20_000, 1_000_000  # of a batch: whichever comes first
_WHOLE = 2**53  # below it a float that is a whole number is that number and no other
SHOWN = 100  # characters of a wrong text

Texts = list[str | None]


def read_sqlite(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The rows of `table` (left out: the only one there is) or of `view`.

    `_line` is a row's rowid, and where it has none, as in a view, its number. Whole numbers are
    written without a point even where the file has them as floats. Text that isn't UTF-8 is a fault
    of its row. Raises SourceUnreadable: format_invalid, file_table_missing, column_duplicate.
    """
    kind = VIEW if VIEW in feed.format.options else TABLE
    with opened(artefact) as connection:
        name = chosen(connection, kind, feed.format.get(kind), artefact.name)
        own = columns_of(connection, name)
        columns = name_columns(own, 1, artefact.name)
        found = rows_of(connection, kind, name, own)
        yield _Held(columns, [], [[]] * len(own)).batch()
        count = 1
        while rows := found.fetchmany(max(1, min(ROWS, CELLS // (len(own) + 1)))):
            numbers, *cells = zip(*rows, strict=True)
            lines = [count + n if number is None else number for n, number in enumerate(numbers)]
            yield _Held(columns, lines, list(map(_texts, cells))).batch()
            count += len(rows)


def number_text(value: float) -> str:
    """All that the number is: 3012345 for 3012345.0, 0.1, and never 1e+20."""
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    text = repr(value)
    return (
        format(Decimal(text), "f").removesuffix(".0") if "e" in text else text.removesuffix(".0")
    )


def _texts(column: Sequence[Any]) -> Texts:
    if set(map(type, column)) <= {str, type(None)}:
        return list(column)
    return [None if value is None else _text(value) for value in column]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return number_text(value)
    return value.hex() if isinstance(value, bytes) else str(value)


@dataclass(frozen=True, slots=True)
class _Held:
    """Rows, column by column."""

    columns: tuple[str, ...]
    lines: list[int]
    cells: list[Texts]

    def batch(self) -> Batch:
        wrong = [] if all(map(_is_text, self.cells)) else list(self._wrong())
        out = {place for place, _ in wrong}
        kept = [place for place in range(len(self.lines)) if place not in out]
        cells = [[column[place] for place in kept] for column in self.cells] if out else self.cells
        lines = [self.lines[place] for place in kept] if out else self.lines
        schema = {LINE: pl.Int64, **dict.fromkeys(self.columns, pl.String)}
        data = {LINE: lines, **dict(zip(self.columns, cells, strict=True))}
        issues = issues_frame([issue for _, issue in wrong])
        return Batch(pl.DataFrame(data, schema=schema), issues, len(out))

    def _wrong(self) -> Iterator[tuple[int, Issue]]:
        for name, column in zip(self.columns, self.cells, strict=True):
            for place, text in enumerate(column):
                if text is not None and not _is_text([text]):
                    shown = ascii(text)[1:-1][:SHOWN]
                    yield place, Issue("sqlite_text", self.lines[place], name, shown)


def _is_text(column: Texts) -> bool:
    """Whether all of it was UTF-8 in the file."""
    try:
        "".join(text for text in column if text).encode()
    except UnicodeEncodeError:
        return False
    return True


_NAME = {"type": "string", "minLength": 1}
READER = Reader(
    read_sqlite,
    {
        "properties": {TABLE: _NAME, VIEW: _NAME},
        "dependentSchemas": {
            VIEW: {"properties": {TABLE: {"enum": ["nothing, because view is given"]}}}
        },
    },
    whole_file=True,
    hostile=True,
)
