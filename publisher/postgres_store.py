"""What releases say, read from a PostgreSQL database into which they are loaded.

A release that isn't there yet is loaded when it is first asked for (or before, by `load`), so the
pages are the same as from the files.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, Full, LifoQueue
from typing import Any

import polars as pl
import psycopg
from psycopg import sql

from publisher.disk import sha256
from publisher.index import Index
from publisher.index_store import Found
from publisher.indexes import Indexes
from publisher.manifest import MANIFEST, Release
from publisher.postgres_load import PREFIX, Replaced, load

IDLE = 8  # connections that are kept for the next question
_Connection = psycopg.Connection[tuple[Any, ...]]


class PostgresReading:
    """One reading of a release's schema; see `index_store.Reading`."""

    def __init__(self, connection: _Connection, schema: str) -> None:
        self._connection = connection
        self._schema = sql.Identifier(schema)

    def ask(self, query: str, *values: object) -> list[Any]:
        """The rows of a query, whose {0} is the schema."""
        told = sql.SQL(query).format(self._schema)
        with self._connection.cursor(binary=True) as cursor:
            return cursor.execute(told, values).fetchall()

    def postings(self, ids: list[int]) -> dict[int, bytes]:
        """See `Reading`."""
        return dict(self.ask("SELECT id, data FROM {0}.posting WHERE id = ANY(%s)", ids))

    def sizes(self, ids: list[int]) -> dict[int, int]:
        """See `Reading`."""
        query = "SELECT id, octet_length(data) FROM {0}.posting WHERE id = ANY(%s)"
        return dict(self.ask(query, ids))

    def postings_between(self, first: int, last: int) -> list[tuple[int, bytes]]:
        """See `Reading`."""
        query = "SELECT id, data FROM {0}.posting WHERE id BETWEEN %s AND %s ORDER BY id"
        return self.ask(query, first, last)

    def cells(self, name: str) -> list[tuple[int, bytes]]:
        """See `Reading`."""
        query = "SELECT chunk, data FROM {0}.cells WHERE name = %s ORDER BY chunk"
        return self.ask(query, name)

    def values(self) -> list[tuple[str, int, str]]:
        """See `Reading`."""
        return self.ask("SELECT role, code, told FROM {0}.value")

    def roles(self) -> str:
        """See `Reading`."""
        return str(self.ask("SELECT told FROM {0}.about WHERE name = 'roles'")[0][0])

    def records(self, slots: list[int]) -> dict[int, Found]:
        """See `Reading`."""
        query = "SELECT slot, record_id, name, code, document, date FROM {0}.record"
        rows = self.ask(f"{query} WHERE slot = ANY(%s)", slots)
        return {slot: Found(*row) for slot, *row in rows}

    def slot(self, record_id: str) -> int | None:
        """See `Reading`."""
        rows = self.ask("SELECT slot FROM {0}.record WHERE record_id = %s", record_id)
        return int(rows[0][0]) if rows else None

    def lines(self, ids: Sequence[str]) -> dict[str, str]:
        """record_id → line."""
        return dict(
            self.ask("SELECT record_id, line FROM {0}.line WHERE record_id = ANY(%s)", [*ids])
        )

    def column(self, name: str) -> list[bytes]:
        """The Arrow files of a column, in order."""
        query = "SELECT data FROM {0}.field WHERE name = %s ORDER BY part"
        return [bytes(data) for (data,) in self.ask(query, name)]


class PostgresStore:
    """A `Store` in the database at `url` (postgresql://…)."""

    errors = (psycopg.Error, OSError, sqlite3.Error, pl.exceptions.PolarsError)

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: LifoQueue[_Connection] = LifoQueue(IDLE)
        self._indexes = Indexes()

    def index(self, release: Release) -> Index:
        """See `Store`."""
        key = (release.number, str(release.path), (release.path / MANIFEST).stat().st_mtime_ns)

        def read() -> Index:
            load(self._url, release, sha256(release.path / MANIFEST))
            return Index(lambda: self._reading(release))

        return self._indexes.get(release.dataset, key, read)

    def lines(self, release: Release, record_ids: Sequence[str]) -> list[bytes | None]:
        """See `Store`."""
        self.index(release)
        with self._reading(release) as reading:
            known = reading.lines(record_ids)
        return [known[one].encode() if one in known else None for one in record_ids]

    def columns(self, release: Release, names: Sequence[str]) -> pl.DataFrame:
        """See `Store`."""
        self.index(release)
        with self._reading(release) as reading:
            parts = {name: reading.column(name) for name in names}
        frames = [
            pl.concat([pl.read_ipc(io.BytesIO(part)) for part in told])
            for told in parts.values()
            if told
        ]
        return pl.concat(frames, how="horizontal") if frames else pl.DataFrame()

    @contextmanager
    def _reading(self, release: Release) -> Iterator[PostgresReading]:
        """One reading, which sees the release whole or raises Replaced."""
        with self._connection() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            row = connection.execute(
                "SELECT id FROM portal_shelf WHERE dataset = %s AND number = %s",
                (release.dataset, release.number),
            ).fetchone()
            if row is None:
                raise Replaced(f"{release.dataset} {release.number} was replaced")
            yield PostgresReading(connection, f"{PREFIX}{row[0]}")

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        connection = self._taken()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        try:
            self._idle.put_nowait(connection)
        except Full:
            connection.close()

    def _taken(self) -> _Connection:
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                return psycopg.connect(self._url, autocommit=True, connect_timeout=5)
            if _alive(connection):
                return connection


def _alive(connection: _Connection) -> bool:
    """Whether the server still answers on a connection that was idle."""
    try:
        connection.execute("")
    except psycopg.Error:
        connection.close()
        return False
    return True
