"""The site's database: SQLite out of the box, PostgreSQL by `HUB_DATABASE_URL`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.all_tables import ALL
from hub.audit.acting import note_act
from hub.migrations.revisions import EMPTY, HEAD, is_older, stamp, told_version, version_of

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


def connect(url: str, application: str = "hub") -> Engine:
    """An engine for `url`; SQLite and PostgreSQL (psycopg 3) only, to which it says its name.

    On SQLite: foreign keys on, synchronous=FULL (an acknowledged commit survives power loss), and
    WAL only on versions without the corruption bug, else a rollback journal. Errors name the
    statement and not its values, which may be personal.
    """
    if make_url(url).get_backend_name() == "postgresql":
        return create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={"application_name": application},
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
    """Make the tables of a new site; of one that has them, look only whether its schema is this program's.

    One small query where it is. Raises Refused (schema_older, schema_newer).
    """
    with look(engine) as connection:
        if told_version(connection) == HEAD:
            return
    with write(engine) as connection:
        lock_tables(connection)
        found = version_of(connection)  # another process may have made them meanwhile
        if found == EMPTY:
            ALL.create_all(connection)
            stamp(connection, HEAD)
        elif found != HEAD:
            code = "schema_older" if is_older(found) else "schema_newer"
            raise Refused(Issue(code, value=found, params={"expected": HEAD}))


def lock_tables(connection: Connection) -> None:
    """Wait until nobody else makes or changes tables, and keep others from it to the transaction's end."""
    if connection.dialect.name == "postgresql":  # SQLite's write lock keeps others out anyway
        connection.execute(select(func.pg_advisory_xact_lock(_TABLES)))


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A write transaction: committed at the end of the block, rolled back by any exception.

    SQLite's is BEGIN IMMEDIATE: it takes the write lock at once and waits for it, instead of
    failing half-way when a read turns into a write. While somebody acts (`hub.audit.acting`), an entry in
    the audit log is its last statement.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.begin()
        try:
            yield connection
            note_act(connection)
            _commit(connection)
        except BaseException:
            _undo(connection)
            raise


@contextmanager
def look(engine: Engine) -> Iterator[Connection]:
    """A connection for small queries that needn't see one moment: each is a transaction of its own, which
    spares PostgreSQL two round trips. What is read in blocks needs a whole transaction."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")  # in place
        yield connection


def _commit(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("COMMIT")
    else:
        connection.commit()


def _undo(connection: Connection) -> None:
    """Roll back; the error that it is for counts, and not one of the rolling back. On a full or failing
    disk SQLite rolls back by itself, and there is nothing left to do."""
    try:
        if connection.dialect.name != "sqlite":
            connection.rollback()
        elif getattr(connection.connection.dbapi_connection, "in_transaction", True):
            connection.exec_driver_sql("ROLLBACK")
    except DBAPIError:
        connection.invalidate()
