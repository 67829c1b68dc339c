"""Releases in a PostgreSQL database of the portal's own, for searching and reading there.

Each release that is loaded has a schema of its own with the tables of its index, its records' lines
and its columns. A release is loaded and the one before it dropped in one transaction: a reader sees
either. Dropping removes the files of the tables, so nothing of an erased release stays in them.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from publisher.columns import RECORD_ID
from publisher.contents import INTERNAL, contents_of
from publisher.files import RECORDS
from publisher.index_build import INDEX
from publisher.manifest import Release

#: Of the table of what is loaded, and of the names of the schemas.
SHELF, PREFIX = "portal_shelf", "portal_release_"
ROWS = 50_000  # of a column that are kept together

_SHELF = """
CREATE TABLE IF NOT EXISTS portal_shelf (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dataset TEXT NOT NULL UNIQUE, number BIGINT NOT NULL, manifest TEXT NOT NULL
)
"""
# What is large is kept as it is: it doesn't shrink, and is read at once.
_TABLES = """
CREATE TABLE {0}.about (name TEXT PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE {0}.record (
    slot BIGINT NOT NULL, record_id TEXT NOT NULL, name TEXT, code TEXT, document TEXT, date TEXT
);
CREATE TABLE {0}.line (record_id TEXT NOT NULL, line TEXT NOT NULL);
CREATE TABLE {0}.value (role TEXT NOT NULL, code BIGINT NOT NULL, told TEXT NOT NULL);
CREATE TABLE {0}.cells (name TEXT NOT NULL, chunk BIGINT NOT NULL, data BYTEA NOT NULL);
CREATE TABLE {0}.posting (id BIGINT NOT NULL, data BYTEA NOT NULL);
CREATE TABLE {0}.field (name TEXT NOT NULL, part BIGINT NOT NULL, data BYTEA NOT NULL);
ALTER TABLE {0}.cells ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE {0}.posting ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE {0}.field ALTER COLUMN data SET STORAGE EXTERNAL;
"""
_INDEXES = """
CREATE UNIQUE INDEX ON {0}.record (slot);
CREATE UNIQUE INDEX ON {0}.record (record_id);
CREATE UNIQUE INDEX ON {0}.line (record_id);
CREATE UNIQUE INDEX ON {0}.cells (name, chunk);
CREATE UNIQUE INDEX ON {0}.posting (id);
CREATE UNIQUE INDEX ON {0}.field (name, part);
"""
_INDEX_TABLES = ("about", "record", "value", "cells", "posting")
_TYPES = {
    "line": ("text", "text"),
    "field": ("text", "int8", "bytea"),
    "about": ("text", "text"),
    "record": ("int8", "text", "text", "text", "text", "text"),
    "value": ("text", "int8", "text"),
    "cells": ("text", "int8", "bytea"),
    "posting": ("int8", "bytea"),
}


class Replaced(OSError):
    """A release whose place in the database a later one has taken."""


def load(url: str, release: Release, manifest_sha256: str) -> bool:
    """Have the release in the database in place of the one before it; False: it was there.

    Two that load the same dataset do so one after the other. Raises Replaced; psycopg.Error; OSError
    or sqlite3.Error where the release's files can't be read: then what was there stays.
    """
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (SHELF,))
        connection.execute(_SHELF)
        connection.commit()
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (release.dataset,))
        before = _loaded(connection, release.dataset)
        if before is not None and before[1:] == (release.number, manifest_sha256):
            return False
        if before is not None and before[1] > release.number:
            raise Replaced(f"release {before[1]} of {release.dataset} is in the database")
        if before is not None:
            connection.execute("DELETE FROM portal_shelf WHERE id = %s", (before[0],))
        number = _enter(connection, release, manifest_sha256)
        _fill(connection, sql.Identifier(f"{PREFIX}{number}"), release)
        if before is not None:
            old = sql.Identifier(f"{PREFIX}{before[0]}")
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(old))
    return True


def _loaded(connection: psycopg.Connection[Any], dataset: str) -> tuple[int, int, str] | None:
    sql_text = "SELECT id, number, manifest FROM portal_shelf WHERE dataset = %s"
    found: tuple[int, int, str] | None = connection.execute(sql_text, (dataset,)).fetchone()
    return found


def _enter(connection: psycopg.Connection[Any], release: Release, manifest: str) -> int:
    row = connection.execute(
        "INSERT INTO portal_shelf (dataset, number, manifest) VALUES (%s, %s, %s) RETURNING id",
        (release.dataset, release.number, manifest),
    ).fetchone()
    assert row is not None  # noqa: S101 - an insertion returns its row
    return int(row[0])


def _fill(connection: psycopg.Connection[Any], schema: sql.Identifier, release: Release) -> None:
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    connection.execute(sql.SQL(_TABLES).format(schema))
    with closing(_index(release.path / INTERNAL / INDEX)) as index:
        for table in _INDEX_TABLES:
            rows = index.execute(f"SELECT * FROM {table}")  # noqa: S608 - one of ours
            _copy(connection, schema, table, rows)
    _copy(connection, schema, "line", _lines(release))
    _copy(connection, schema, "field", _columns(release))
    connection.execute(sql.SQL(_INDEXES).format(schema))


def _index(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _copy(
    connection: psycopg.Connection[Any],
    schema: sql.Identifier,
    table: str,
    rows: Iterable[tuple[object, ...]],
) -> None:
    target = sql.SQL("COPY {}.{} FROM STDIN (FORMAT BINARY)").format(schema, sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(target) as copy:
        copy.set_types(_TYPES[table])
        for row in rows:
            copy.write_row(row)


def _lines(release: Release) -> Iterator[tuple[str, str]]:
    """(record_id, line of records.jsonl), which stand in one order."""
    ids = contents_of(release.path).read(RECORD_ID)[RECORD_ID]
    with (release.path / RECORDS).open(encoding="utf-8", newline="\n") as lines:
        for record_id, line in zip(ids, lines, strict=True):
            yield record_id, line.removesuffix("\n")


def _columns(release: Release) -> Iterator[tuple[str, int, bytes]]:
    """(field, part, Arrow file) of all columns."""
    contents = contents_of(release.path)
    for name in contents.columns:
        for part, rows in enumerate(contents.read(name).iter_slices(ROWS)):
            buffer = io.BytesIO()
            rows.write_ipc(buffer, compression="lz4")
            yield name, part, buffer.getvalue()
