"""What databases and their drivers raise, as issues: never with a password in them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pymysql
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from adapters.discreet import discreet
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

# PostgreSQL's SQLSTATE by class or code. Source: its documentation, appendix A.
_PG_REFUSED = ("28", "3D000", "42501")
_PG_BROKEN = ("08", "57P", "53", "40")  # connection, shutdown, resources, serialisation
_PG_SLOW = "57014"  # statement_timeout
# A server that isn't ready says so without a code that libpq would hand on.
_PG_AWAY = (
    "refused", "timeout", "timed out", "unreachable", "No route", "could not receive", "reset",
    "closed the connection", "starting up", "shutting down", "too many", "SSL SYSCALL",
)  # fmt: skip

# MariaDB's and MySQL's error numbers. Source: MariaDB's documentation, "MariaDB Error Codes".
_MY_REFUSED = {1044, 1045, 1049, 1142, 1143, 1227, 1251, 1698, 3118}
_MY_BROKEN = {1040, 1053, 1152, 1153, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1927,
              2002, 2003, 2005, 2006, 2013, 2014, 2055}  # fmt: skip
_MY_SLOW = {1317, 1969, 3024}

# SQL Server, Oracle and 达梦: a wrong password isn't tried again, or the account gets locked.
_OTHERS_REFUSED = ("18456", "Login failed", "ORA-01017", "ORA-28000", "ORA-00942", "用户名或密码")

_LITE_BUSY = ("locked", "busy", "disk I/O")
_LITE_DAMAGED = ("not a database", "malformed", "encrypted", "decode")


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is the database in messages; `secrets` must not be in them; `seconds` were allowed.

    `reached`: the connection stood already. `end` is when the time is over, by time.monotonic().
    """

    name: str
    secrets: Sequence[str]
    seconds: int
    end: float
    reached: bool = True

    def check_time(self) -> None:
        """Raises SourceUnavailable (database_slow) where the time is over."""
        if time.monotonic() >= self.end:
            raise _slow(self)


@contextmanager
def telling(place: Place) -> Iterator[None]:
    """Turns what a driver raises in the block into a HubError; its cause, which may tell more than
    is meant for people, is cut off."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error, pymysql.Error, sqlite3.Error) as error:
        raise explain(error, place) from None


def explain(error: BaseException, place: Place) -> HubError:
    """The HubError for what was raised: by it the caller knows whether waiting helps."""
    cause = getattr(error, "orig", None) or error
    if time.monotonic() >= place.end:
        return _slow(place)
    if isinstance(cause, psycopg.Error):
        return _of_postgresql(cause, place)
    if isinstance(cause, pymysql.Error):
        return _of_mariadb(cause, place)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, place)
    return _of_another(error, cause, place)


def _of_another(error: BaseException, cause: BaseException, place: Place) -> HubError:
    if any(word in str(cause) for word in _OTHERS_REFUSED):
        return _told(Misdeclared, "database_refused", cause, place)
    if not place.reached or _is_broken(error):
        return _away(cause, place)
    return _told(Misdeclared, "query_failed", cause, place)


def _is_broken(error: BaseException) -> bool:
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    return broken or isinstance(error, OperationalError | InterfaceError)


def _of_postgresql(error: psycopg.Error, place: Place) -> HubError:
    state = error.sqlstate or ""
    if state == _PG_SLOW:
        return _slow(place)
    if state.startswith(_PG_REFUSED):
        return _told(Misdeclared, "database_refused", error, place)
    if state.startswith(_PG_BROKEN):
        return _away(error, place)
    if state or not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return _told(Misdeclared, "query_failed", error, place)
    # while connecting, libpq hands no code on
    if place.reached or any(word in str(error) for word in _PG_AWAY):
        return _away(error, place)
    return _told(Misdeclared, "database_refused", error, place)


def _of_mariadb(error: pymysql.Error, place: Place) -> HubError:
    number = error.args[0] if error.args else 0
    if number in _MY_SLOW or (place.reached and "timed out" in str(error)):
        return _slow(place)
    if number in _MY_REFUSED:
        return _told(Misdeclared, "database_refused", error, place)
    if number in _MY_BROKEN or isinstance(error, pymysql.InterfaceError):
        return _away(error, place)
    return _told(Misdeclared, "query_failed", error, place)


def _of_sqlite(error: sqlite3.Error, place: Place) -> HubError:
    said = str(error)
    if any(word in said for word in _LITE_BUSY):
        return _told(SourceFaltering, "database_broke_off", error, place)
    if any(word in said for word in _LITE_DAMAGED):
        return _told(SourceUnreadable, "sqlite_invalid", error, place)
    return _told(Misdeclared, "query_failed", error, place)


def _away(error: BaseException, place: Place) -> HubError:
    code = "database_broke_off" if place.reached else "database_unreachable"
    return _told(SourceFaltering, code, error, place)


def _slow(place: Place) -> HubError:
    words = {"seconds": str(place.seconds)}
    return SourceUnavailable(Issue("database_slow", value=place.name, params=words))


def _told(kind: type[HubError], code: str, error: BaseException, place: Place) -> HubError:
    """pymysql's errors are a number and a text; those of the others begin with what matters."""
    text = str(error.args[-1]) if error.args else type(error).__name__
    reason = discreet(" ".join(text.split()), place.secrets)[:500]
    return kind(Issue(code, value=place.name, params={"reason": reason}))
