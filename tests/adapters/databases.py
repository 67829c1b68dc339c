"""Departments' databases of three kinds, and what the source `sql` pulls from them."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from adapters.limits import Limits
from adapters.source import Ask, Part
from adapters.source_sql import SqlSource
from tests.services.mariadb_server import connect_directly


class Pulled:
    """Parts, read to their end in their order."""

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self.content = [b"".join(part.blocks) for part in parts]

    def rows(self, role: str = "rows") -> list[list[str]]:
        """Header and rows of the part of this role; none where there is no such part."""
        for part, content in zip(self.parts, self.content, strict=True):
            if part.role == role:
                return list(csv.reader(io.StringIO(content.decode(), newline="")))
        return []

    @property
    def cursor(self) -> str | None:
        found = [part.cursor for part in self.parts if part.cursor is not None]
        return found[-1] if found else None


class Database:
    """A database of one kind, with a connection that may do everything."""

    def __init__(self, kind: str, url: str, connection: Any, folder: Path) -> None:
        self.kind, self.url, self.folder = kind, url, folder
        self.connection = connection

    def run(self, sql: str, rows: Any = None) -> None:
        """Runs a statement, once for each of `rows`, whose values stand for `?`."""
        cursor = self.connection.cursor()
        if rows is None:
            cursor.execute(sql)
        else:
            cursor.executemany(sql.replace("?", "?" if self.kind == "sqlite" else "%s"), rows)
        self.connection.commit()

    def quoted(self, name: str) -> str:
        return f"`{name}`" if self.kind == "mariadb" else f'"{name}"'

    def ask(self, cursor: str | None = None, seconds: int = 60, **options: Any) -> Ask:
        told = options if "host" in options else {"url": self.url, **options}
        limits = Limits(seconds=seconds, request_seconds=5)
        return Ask(told, self.folder, internal=True, cursor=cursor, limits=limits)

    def pull(self, cursor: str | None = None, seconds: int = 60, **options: Any) -> Pulled:
        return Pulled(list(SqlSource().pull(self.ask(cursor, seconds, **options))))


@contextmanager
def postgresql(url: str, folder: Path) -> Iterator[Database]:
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        yield Database("postgresql", url, connection, folder)


@contextmanager
def mariadb(url: str, folder: Path) -> Iterator[Database]:
    with closing(connect_directly(url)) as connection:
        yield Database("mariadb", url, connection, folder)


@contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    with closing(sqlite3.connect(folder / "department.db")) as connection:
        yield Database("sqlite", "sqlite:///department.db", connection, folder)
