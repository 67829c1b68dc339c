"""One table of an SQLite file to batches: read-only, and nothing in the file is trusted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import polars as pl

from adapters.artefact import Artefact
from adapters.cell_text import number_text
from adapters.csv_header import name_columns
from adapters.feed import Feed
from adapters.reader import Reader
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

ROWS = 20_000  # of a batch
LONGEST = 16 << 20  # bytes of one value


def read_sqlite(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The rows of `table` (left out: the only one there is); `_line` counts them, from 1.

    Whole numbers are written without a point even where the file has them as floats. Raises
    SourceUnreadable: format_invalid, file_table_missing, column_duplicate.
    """
    try:
        with closing(_opened(artefact)) as connection:
            table = _table(connection, feed.format.get("table"), artefact.name)
            asked = connection.execute(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - quoted
            columns = name_columns([told[0] for told in asked.description], 1, artefact.name)
            schema = {LINE: pl.Int64, **dict.fromkeys(columns, pl.String)}
            yield Batch(pl.DataFrame(schema=schema))
            place = 1
            while rows := asked.fetchmany(ROWS):
                cells = zip(*rows, strict=True)
                data = {
                    name: [_text(value) for value in column]
                    for name, column in zip(columns, cells, strict=True)
                }
                lines = range(place, place + len(rows))
                yield Batch(pl.DataFrame({LINE: lines, **data}, schema=schema))
                place += len(rows)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        words = {
            "format": "sqlite",
            "reason": str(error)[:200],
            "reason_zh": "文件已损坏或不是 SQLite",
        }
        raise SourceUnreadable(
            Issue("format_invalid", file=artefact.name, params=words)
        ) from error


def _opened(artefact: Artefact) -> sqlite3.Connection:
    """Immutable, so that no journal beside it is looked for; no function of the schema is run."""
    connection = sqlite3.connect(f"{artefact.path.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    return connection


def _table(connection: sqlite3.Connection, wanted: str | None, file: str) -> str:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = [str(name) for (name,) in connection.execute(query)]
    chosen = wanted or (names[0] if len(names) == 1 else None)
    if chosen not in names:
        words = {"found": "、".join(names)}
        raise SourceUnreadable(
            Issue("file_table_missing", value=wanted or "", file=file, params=words)
        )
    return str(chosen)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return number_text(value)
    return value.hex() if isinstance(value, bytes) else str(value)


READER = Reader(
    read_sqlite,
    {"properties": {"table": {"type": "string", "minLength": 1}}},
    whole_file=True,
    hostile=True,
)
