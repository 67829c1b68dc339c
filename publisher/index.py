"""index.sqlite: finds the records of one release by name, code or document number.

One file per release that is never written again, so it is opened read-only and immutable: any
number of processes read it without locks. Rows are numbered in the order of the release, newest
first, so hits in the order of rows are in the order of dates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Roles
from publisher.bigrams import folded, pairs, phrase_query
from publisher.columns import RECORD_ID

ROWS = 50_000  # per insert, to bound memory
SEARCHED = ("name", "code", "document")  # and the parties
SHOWN = ("record_id", "name", "code", "document", "date")

# `ascii` takes every other character as part of a word and folds the case of a-z only; the text
# was folded before. Without content and column sizes, which aren't used, the table is smaller.
# Words are gathered in 32 MB of memory before they are written, which takes a fifth off the time.
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA page_size = 8192;
CREATE TABLE record (
    row INTEGER PRIMARY KEY, record_id TEXT NOT NULL, name TEXT, code TEXT, document TEXT,
    date TEXT, start INTEGER NOT NULL, length INTEGER NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(
    name, code, document, parties, content = '', columnsize = 0, tokenize = 'ascii'
);
INSERT INTO words (words, rank) VALUES ('hashsize', 33554432);
"""
_INDEXES = """
CREATE UNIQUE INDEX record_by_id ON record (record_id);
CREATE INDEX record_by_code ON record (code) WHERE code IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class Found:
    """One row of an index: what a hit shows (the fields of the standard's roles)."""

    record_id: str
    name: str | None
    code: str | None
    document: str | None
    date: str | None


def build_index(path: Path, roles: Roles, frame: pl.DataFrame, lines: pl.DataFrame) -> None:
    """Write the index of `frame`, whose rows stand in records.jsonl at `lines`.

    `lines` has `json_lines.LINE_COLUMNS`. Raises sqlite3.OperationalError when the disk is full.
    """
    shown = frame.select(
        pl.col(RECORD_ID),
        *(_role(frame, getattr(roles, role), role) for role in SHOWN[1:]),
        lines["start"],
        lines["length"],
    )
    parties = frame.select(_role(frame, field, field) for field in roles.parties)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(_TABLES)
        connection.execute("BEGIN")
        for first in range(0, shown.height, ROWS):
            part = slice(first, first + ROWS)
            _insert(connection, shown[part], parties[part], first + 1)
        connection.execute("COMMIT")
        connection.executescript(_INDEXES)


def _role(frame: pl.DataFrame, field: str | None, role: str) -> pl.Expr:
    if field not in frame.columns:
        return pl.lit(None, dtype=pl.String).alias(role)
    return pl.col(field).cast(pl.String).alias(role)


def _insert(
    connection: sqlite3.Connection, rows: pl.DataFrame, parties: pl.DataFrame, first: int
) -> None:
    numbers = range(first, first + rows.height)
    record = zip(numbers, *(column.to_list() for column in rows.iter_columns()), strict=True)
    connection.executemany("INSERT INTO record VALUES (?,?,?,?,?,?,?,?)", record)
    texts = rows.select(folded(pl.col(name)) for name in SEARCHED)
    words = [pairs(column) for column in texts.iter_columns()]
    connection.executemany(
        "INSERT INTO words (rowid, name, code, document, parties) VALUES (?,?,?,?,?)",
        zip(numbers, *words, _party_words(parties, rows.height), strict=True),
    )


def _party_words(parties: pl.DataFrame, rows: int) -> list[str]:
    """The pairs of all parties of each row; the end of one and the start of the next make none."""
    if not parties.width:
        return [""] * rows
    texts = parties.select(folded(pl.all()))
    return [" ".join(row) for row in zip(*map(pairs, texts.iter_columns()), strict=True)]


class Index:
    """A release's index, open for reading."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, query: str) -> int:
        """How many records have `query` in name, code or document number."""
        words = phrase_query(query)
        if not words:
            return 0
        sql = "SELECT count(*) FROM words WHERE words MATCH ?"
        return int(self._connection.execute(sql, (words,)).fetchone()[0])

    def find(self, query: str, offset: int = 0, limit: int = 20) -> list[Found]:
        """The records that `count` counts, newest first."""
        words = phrase_query(query)
        if not words:
            return []
        # The inner query gives the row numbers in order, so only the shown rows are read.
        sql = (
            "SELECT record_id, name, code, document, date FROM record WHERE row IN ("
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ? OFFSET ?"
            ") ORDER BY row"
        )
        return [Found(*row) for row in self._connection.execute(sql, (words, limit, offset))]

    def of_code(self, code: str, limit: int = 1000) -> list[Found]:
        """The records with exactly this code, newest first."""
        sql = (
            "SELECT record_id, name, code, document, date FROM record "
            "WHERE code = ? ORDER BY row LIMIT ?"
        )
        return [Found(*row) for row in self._connection.execute(sql, (code, limit))]

    def years(self) -> dict[str, int]:
        """How many records there are of each year, in order; those without a date are left out."""
        sql = (
            "SELECT substr(date, 1, 4), count(*) FROM record WHERE date IS NOT NULL "
            "GROUP BY 1 ORDER BY 1"
        )
        return dict(self._connection.execute(sql).fetchall())

    def place(self, record_id: str) -> tuple[int, int] | None:
        """(start, length) in bytes of the record's line in records.jsonl; None: no such record."""
        sql = "SELECT start, length FROM record WHERE record_id = ?"
        row = self._connection.execute(sql, (record_id,)).fetchone()
        return None if row is None else (int(row[0]), int(row[1]))


@contextmanager
def open_index(path: Path) -> Iterator[Index]:
    """The index at `path`, closed again at the end; raises sqlite3.Error where there is none."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield Index(connection)
