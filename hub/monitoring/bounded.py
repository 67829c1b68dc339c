"""A connection for looking, whose queries end in time: who watches must not be what slows the hub down."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine

STEPS = 20_000  # of SQLite's machine, about a millisecond, after which it looks at the clock


@contextmanager
def bounded(engine: Engine, seconds: float) -> Iterator[Connection]:
    """A transaction that only reads, and is rolled back.

    A query that isn't done after `seconds` (PostgreSQL: each one; SQLite: all of them together)
    raises OperationalError.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            milliseconds = max(1, int(seconds * 1000))
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
            connection.exec_driver_sql("SET LOCAL transaction_read_only = on")
            yield connection
            connection.rollback()
            return
        own: Any = connection.connection.driver_connection
        waited = own.execute("PRAGMA busy_timeout").fetchone()[0]
        deadline = time.monotonic() + seconds
        own.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
        own.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
        try:
            yield connection
        finally:
            own.set_progress_handler(None, 0)
            own.execute(f"PRAGMA busy_timeout = {waited}")
