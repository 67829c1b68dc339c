"""The site's database: SQLite out of the box, PostgreSQL by `HUB_DATABASE_URL`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import make_url

from hub import upgrade
from hub.all_tables import ALL
from hub.consumers import upgrade as upgrade_consumers

# SQLite 3.7.0 … 3.51.2 can corrupt a database in WAL mode when two connections are open (the
# WAL-reset bug); fixed in 3.51.3 and in these backports. Source: sqlite.org/changes.html.
WAL_FIXED = (3, 51, 3)
WAL_BACKPORTS = ((3, 50, 7), (3, 44, 6))

_TABLES = 0x6875622E7461626C  # the lock of whoever makes tables on PostgreSQL: "hub.tabl"
BUSY_SECONDS = 60  # a writer waits this long for the other writer's transaction to end


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite version may use write-ahead logging with several connections."""
    backported = any(version[:2] == b[:2] and version >= b for b in WAL_BACKPORTS)
    return version >= WAL_FIXED or backported


def connect(url: str) -> Engine:
    """An engine for `url`; SQLite and PostgreSQL (psycopg 3) only.

    On SQLite: foreign keys on, synchronous=FULL (an acknowledged commit survives power loss), and
    WAL only on versions without the corruption bug, else a rollback journal. Errors name the
    statement and not its values, which may be personal.
    """
    if make_url(url).get_backend_name() == "postgresql":
        return create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,
        )
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "autocommit": True}
        if hasattr(sqlite3, "LEGACY_TRANSACTION_CONTROL")
        else {"timeout": BUSY_SECONDS, "isolation_level": None},
        hide_parameters=True,
    )
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _record: Any) -> None:
    journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
    for pragma in (
        f"journal_mode={journal}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",  # KiB; keeps a bulk append from spilling page by page
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def create_tables(engine: Engine) -> None:
    """Every table that isn't there yet, and every column that a table of an older site lacks; all of
    it or nothing, and one process at a time."""
    with write(engine) as connection:
        if connection.dialect.name == "postgresql":  # SQLite's write lock keeps others out anyway
            connection.execute(select(func.pg_advisory_xact_lock(_TABLES)))
        upgrade.set_aside(connection)
        ALL.create_all(connection)
        upgrade.take_over(connection)
        for table in ALL.sorted_tables:
            _add_missing(connection, table)
        upgrade_consumers.take_over(connection)


def _add_missing(connection: Connection, table: Table) -> None:
    have = {one["name"] for one in inspect(connection).get_columns(table.name)}
    for column in (one for one in table.columns if one.name not in have):
        kind = column.type.compile(connection.dialect)
        default = f" DEFAULT {_literal(column)}" if column.server_default else ""
        connection.exec_driver_sql(
            f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}{default}"
        )
    for index in (one for one in table.indexes if one.info.get("later")):
        index.create(connection, checkfirst=True)


def _literal(column: Column[Any]) -> str:
    text = str(getattr(column.server_default, "arg", ""))
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A write transaction: committed at the end of the block, rolled back by any exception.

    SQLite's is BEGIN IMMEDIATE: it takes the write lock at once and waits for it, instead of
    failing half-way when a read turns into a write.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.begin()
        try:
            yield connection
        except BaseException:
            _finish(connection, "ROLLBACK")
            raise
        _finish(connection, "COMMIT")


@contextmanager
def look(engine: Engine) -> Iterator[Connection]:
    """A connection for small queries that needn't see one moment: each is a transaction of its own, which
    spares PostgreSQL two round trips. What is read in blocks needs a whole transaction."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")  # in place
        yield connection


def _finish(connection: Connection, word: str) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(word)
    elif word == "COMMIT":
        connection.commit()
    else:
        connection.rollback()
