"""One receiver at a time into one dataset of a database, whatever kind it is."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue

#: What takes the lock, and what gives it back; both live with the connection.
_LOCKS = {
    "postgresql": ("SELECT pg_try_advisory_lock(:number)", "SELECT pg_advisory_unlock(:number)"),
    "mysql": ("SELECT GET_LOCK(:name, 0)", "SELECT RELEASE_LOCK(:name)"),
    "mariadb": ("SELECT GET_LOCK(:name, 0)", "SELECT RELEASE_LOCK(:name)"),
}


@contextmanager
def locked(engine: Engine, dataset: str) -> Iterator[None]:
    """Holds the lock until the block ends; raises Refused (receiving_busy)."""
    if engine.dialect.name == "sqlite":
        with _file_lock(engine, dataset):
            yield
        return
    name = f"exchange {dataset}"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    take, give = _LOCKS[engine.dialect.name]
    words = {"number": number} if engine.dialect.name == "postgresql" else {"name": name[:64]}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text(take), words):
            raise _busy(engine, dataset)
        try:
            yield
        finally:
            with suppress(SQLAlchemyError, Refused):  # with its connection the lock is gone, too
                connection.execute(text(give), words)


@contextmanager
def _file_lock(engine: Engine, dataset: str) -> Iterator[None]:
    database = engine.url.database
    if not database or database == ":memory:":
        yield  # nobody else can be there
        return
    with Path(f"{database}.{dataset}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _busy(engine, dataset) from error
        yield


def _busy(engine: Engine, dataset: str) -> Refused:
    place = engine.url.render_as_string(hide_password=True)
    return Refused(Issue("receiving_busy", value=f"{place} {dataset}"))
