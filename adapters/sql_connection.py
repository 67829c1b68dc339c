"""A connection to a department's database that can only read, and sees one moment of it."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import quote

import pymysql
from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from adapters.network import open_socket
from adapters.source import Ask
from adapters.sql_address import Driver, read_address
from adapters.sql_faults import Place, telling
from exchange_schemas.errors import Misdeclared, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

_SQLITE_MAGIC = b"SQLite format 3\0"

# What makes texts exact and the same everywhere, and a snapshot that nobody can write in.
# Times with an offset are in Chinese time, because TIMESTAMP of MariaDB comes without offset.
_BEGIN = {
    "postgresql": (
        "SET LOCAL DateStyle = 'ISO, YMD'",
        "SET LOCAL IntervalStyle = 'iso_8601'",
        "SET LOCAL extra_float_digits = 1",
        "SET LOCAL TimeZone = 'Etc/GMT-8'",
        "SET LOCAL statement_timeout = {seconds}000",
    ),
    "mysql": (
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION time_zone = '+08:00'",
        "SET SESSION net_write_timeout = 600",  # the hub may be busy with a block of rows
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF", "BEGIN"),
    "oracle": ("SET TRANSACTION READ ONLY",),
}


@dataclass(slots=True)
class Connected:
    """An open connection in a reading transaction. `close` may be called again."""

    connection: Connection
    place: Place
    watch: Timer | None = None

    @property
    def kind(self) -> str:
        """SQLAlchemy's name of the database: postgresql, mysql (MariaDB too), sqlite …"""
        return self.connection.dialect.name

    def close(self) -> None:
        """Ends the transaction and the connection, whatever state they are in."""
        if self.watch is not None:
            self.watch.cancel()
        with suppress(Exception):
            self.connection.invalidate()  # there is nothing to commit, and maybe nobody to ask
            self.connection.close()


def connect(ask: Ask) -> Connected:
    """A connection as the feed says.

    Raises as `read_address` and `telling` do; SourceUnavailable (file_missing) and SourceUnreadable
    (sqlite_invalid) for a file; what `adapters.network.open_socket` raises.
    """
    url, driver = read_address(ask.options)
    seconds = ask.limits.seconds
    secrets = [word for word in (url.password, url.render_as_string(False)) if word]
    place = Place(_name(url), secrets, seconds, time.monotonic() + seconds, reached=False)
    with telling(place):
        connection = _engine(url, driver, ask).connect()
        connected = Connected(connection, replace(place, reached=True))
        try:
            _begin(connected)
        except BaseException:
            connected.close()
            raise
    return connected


@contextmanager
def writing(ask: Ask) -> Iterator[Connection]:
    """A connection for handing rows over: one transaction, committed at the end of the block.

    Raises as `connect`.
    """
    url, driver = read_address(ask.options)
    seconds = ask.limits.request_seconds
    ask = replace(ask, limits=replace(ask.limits, seconds=seconds))
    secrets = [word for word in (url.password, url.render_as_string(False)) if word]
    place = Place(_name(url), secrets, seconds, time.monotonic() + seconds, reached=False)
    with telling(place):
        engine = _engine(url, driver, ask)
        with engine.begin() as connection:
            yield connection


def _engine(url: URL, driver: Driver, ask: Ask) -> Any:
    plain: dict[str, Any] = {"poolclass": NullPool}
    kind = driver.name.partition("+")[0]
    if kind == "sqlite":
        return create_engine("sqlite://", creator=_sqlite(url, ask.folder), **plain)
    if driver.module == "pymysql":
        return create_engine(url, creator=_mariadb(url, ask), **plain)
    address = _checked(url, ask)
    if kind == "postgresql":
        arguments = {**_postgresql(ask.limits.request_seconds), "hostaddr": address}
        return create_engine(url, connect_args=arguments, use_native_hstore=False, **plain)
    try:
        return create_engine(url.set(host=address), **plain)
    except (NoSuchModuleError, ImportError) as error:
        issue = Issue("driver_missing", value=kind, params={"package": driver.package})
        raise Misdeclared(issue) from error


def _checked(url: URL, ask: Ask) -> str:
    """The IP address of the host, from which the driver can't be led away by another answer."""
    with open_socket(
        str(url.host), url.port or 0, ask.internal, ask.limits.request_seconds
    ) as probe:
        return str(probe.getpeername()[0])


def _postgresql(seconds: int) -> dict[str, Any]:
    return {
        "connect_timeout": seconds,
        "client_encoding": "utf8",
        "application_name": "exchange hub",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }


def _mariadb(url: URL, ask: Ask) -> Callable[[], Any]:
    def make() -> Any:
        tls: dict[str, Any] = {
            name: {"true": True, "false": False}.get(str(value), value)
            for name, value in url.query.items()
        }
        request, whole = ask.limits.request_seconds, ask.limits.seconds
        connection = pymysql.connect(
            host=url.host,
            port=url.port or 0,
            user=url.username,
            password=(url.password or "").encode(),  # of a str it would take Latin 1 only
            database=url.database,
            charset="utf8mb4",
            connect_timeout=request,
            read_timeout=whole,
            write_timeout=request,
            local_infile=False,  # or a server could ask for the hub's own files
            defer_connect=True,
            **tls,
        )
        connection.connect(open_socket(str(url.host), url.port or 0, ask.internal, request))
        return connection

    return make


def _sqlite(url: URL, folder: Path) -> Callable[[], sqlite3.Connection]:
    path = folder / str(url.database)
    try:
        with path.open("rb") as file:
            begin = file.read(len(_SQLITE_MAGIC))
    except OSError as error:
        raise SourceUnavailable(Issue("file_missing", value=str(path))) from error
    if begin != _SQLITE_MAGIC:
        words = {"reason": "it doesn't begin as one"}
        raise SourceUnreadable(Issue("sqlite_invalid", value=str(path), params=words))
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    return lambda: sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False
    )


def _begin(connected: Connected) -> None:
    connection, place = connected.connection, connected.place
    if connected.kind == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connected.watch = _hang_up_later(connection, place.seconds)
    for statement in _BEGIN.get(connected.kind, ()):
        connection.exec_driver_sql(statement.format(seconds=place.seconds))


def _hang_up_later(connection: Connection, seconds: int) -> Timer:
    """Cuts the connection when the time is over: libpq itself waits for a frozen server for ever."""
    driver: Any = connection.connection.driver_connection

    def hang_up() -> None:
        with suppress(Exception):
            cut = socket.socket(fileno=os.dup(driver.pgconn.socket))
            cut.shutdown(socket.SHUT_RDWR)
            cut.close()

    watch = Timer(seconds, hang_up)
    watch.daemon = True
    watch.start()
    return watch


def _name(url: URL) -> str:
    """The database as messages name it: without account."""
    if not url.host:
        return str(url.database)
    return f"{url.host}:{url.port}/{url.database or ''}"
