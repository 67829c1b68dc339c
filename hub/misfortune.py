"""Bad days: what a foreign exception means where the disk or the database is the cause."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOST = (
    "08",
    "57P",
    "58",
    "28",
    "3D",
)  # of SQLSTATE: no connection, no such database or user, shut down
_POSTGRES_FULL, _POSTGRES_READ_ONLY = "53100", "25006"  # SQLSTATE


def issue_of(error: BaseException) -> Issue | None:
    """The issue that says so; None for an error that is no such misfortune: then it is our mistake."""
    if isinstance(error, DBAPIError):
        return _of_database(error)
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return _of_postgres(error)  # COPY goes straight to the driver
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def may_pass(error: BaseException) -> bool:
    """Whether the same work may well go right later, without anybody's changing it."""
    if isinstance(error, HubError):
        return error.issue.code == "disk_full"
    found = issue_of(error)
    return found is not None and found.code != "database_broken"


def _of_system(error: OSError) -> Issue | None:
    place = str(error.filename or "")
    if error.errno in _FULL:
        return Issue("site_disk_full", value=place)
    return Issue("disk_read_only", value=place) if error.errno == errno.EROFS else None


def _of_database(error: DBAPIError) -> Issue | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    known = isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return _of_postgres(cause, known=known)


def _of_postgres(cause: BaseException | None, *, known: bool = True) -> Issue | None:
    state = getattr(cause, "sqlstate", None)
    if state == _POSTGRES_FULL:
        return Issue("site_disk_full", value="PostgreSQL")
    if state == _POSTGRES_READ_ONLY:
        return Issue("disk_read_only", value="PostgreSQL")
    if not known:
        return None
    if state and not state.startswith(_LOST):  # a deadlock, a lock, too many connections
        return Issue("database_busy")
    return Issue("database_away", params={"reason": type(cause).__name__})


def _of_sqlite(error: sqlite3.Error) -> Issue | None:
    code = getattr(error, "sqlite_errorcode", 0)
    if code in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
    ):  # a quota shows as a failed write
        return Issue("site_disk_full", value="SQLite")
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_READONLY:
        return Issue("disk_read_only", value="SQLite")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Issue("database_busy")
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return Issue("database_away", params={"reason": error.sqlite_errorname})
    return Issue("database_broken") if primary in _BROKEN else None
