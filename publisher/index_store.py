"""Where an index is read from: a file of a release, read-only, or a database.

A release's file is never written again, so it is opened read-only and immutable: any number of
processes read it without locks. It is opened for each question, which takes a tenth of a
millisecond, so no file of an erased release is kept open.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """One record of an index: what a hit shows (the fields of the standard's roles)."""

    record_id: str
    name: str | None
    code: str | None
    document: str | None
    date: str | None


class Reading(Protocol):
    """One reading of an index; the tables are those of `index_layout`."""

    def postings(self, ids: list[int]) -> dict[int, bytes]:
        """id → places, of those that are there."""

    def sizes(self, ids: list[int]) -> dict[int, int]:
        """id → bytes of its places, of those that are there."""

    def postings_between(self, first: int, last: int) -> list[tuple[int, bytes]]:
        """(id, places) of all ids from `first` to `last`."""

    def cells(self, name: str) -> list[tuple[int, bytes]]:
        """(chunk, data) of a column, in order."""

    def values(self) -> list[tuple[str, int, str]]:
        """(role, code, told) of all values."""

    def roles(self) -> str:
        """`index_layout.roles_told` as JSON."""

    def records(self, slots: list[int]) -> dict[int, Found]:
        """slot → what is shown."""

    def slot(self, record_id: str) -> int | None:
        """The first slot of a record; None: there is no such record."""


class SqliteReading:
    """An open index.sqlite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def postings(self, ids: list[int]) -> dict[int, bytes]:
        """See `Reading`."""
        sql = "SELECT id, data FROM posting WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._connection.execute(sql, (json.dumps(ids),)))

    def sizes(self, ids: list[int]) -> dict[int, int]:
        """See `Reading`."""
        sql = "SELECT id, length(data) FROM posting WHERE id IN (SELECT value FROM json_each(?))"
        return dict(self._connection.execute(sql, (json.dumps(ids),)))

    def postings_between(self, first: int, last: int) -> list[tuple[int, bytes]]:
        """See `Reading`."""
        sql = "SELECT id, data FROM posting WHERE id BETWEEN ? AND ?"
        return self._connection.execute(sql, (first, last)).fetchall()

    def cells(self, name: str) -> list[tuple[int, bytes]]:
        """See `Reading`."""
        sql = "SELECT chunk, data FROM cells WHERE name = ? ORDER BY chunk"
        return self._connection.execute(sql, (name,)).fetchall()

    def values(self) -> list[tuple[str, int, str]]:
        """See `Reading`."""
        return self._connection.execute("SELECT role, code, told FROM value").fetchall()

    def roles(self) -> str:
        """See `Reading`."""
        sql = "SELECT told FROM about WHERE name = 'roles'"
        return str(self._connection.execute(sql).fetchone()[0])

    def records(self, slots: list[int]) -> dict[int, Found]:
        """See `Reading`."""
        sql = (
            "SELECT slot, record_id, name, code, document, date FROM record "
            "WHERE slot IN (SELECT value FROM json_each(?))"
        )
        asked = self._connection.execute(sql, (json.dumps(slots),))
        return {slot: Found(*row) for slot, *row in asked}

    def slot(self, record_id: str) -> int | None:
        """See `Reading`."""
        sql = "SELECT slot FROM record WHERE record_id = ?"
        row = self._connection.execute(sql, (record_id,)).fetchone()
        return None if row is None else int(row[0])


@contextmanager
def open_sqlite(path: Path) -> Iterator[SqliteReading]:
    """The index at `path`, closed again at the end; raises sqlite3.Error where there is none."""
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield SqliteReading(connection)
