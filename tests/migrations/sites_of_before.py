"""Sites as programs of before left them: put back on SQLite or PostgreSQL."""

from __future__ import annotations

import io
import lzma
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine, make_url

from hub.database import connect
from hub.site import Site

SITES = Path(__file__).parent / "sites"
REVISIONS = tuple(sorted(path.name for path in SITES.iterdir() if path.is_dir()))


@dataclass(frozen=True, slots=True)
class Before:
    """A site of before, and its database."""

    site: Site
    url: str

    def engine(self) -> Engine:
        """The database, as it is."""
        return connect(self.url)


def put_back(revision: str, folder: Path, url: str) -> Before:
    """The site of a revision below `folder`, with its database at `url`, which is empty."""
    site = folder / "site"
    with tarfile.open(fileobj=io.BytesIO(_kept(revision, "folder.tar.xz"))) as tar:
        tar.extractall(site, filter="data")
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        _load(revision, Path(str(place.database)))
    else:
        _load(revision, folder / "before.sqlite")
        _copy(revision, folder / "before.sqlite", url.replace("+psycopg", "", 1))
    return Before(Site(site), url)


def _kept(revision: str, name: str) -> bytes:
    return lzma.decompress((SITES / revision / name).read_bytes())


def _load(revision: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_kept(revision, "sqlite.sql.xz").decode())


def _copy(revision: str, path: Path, url: str) -> None:
    """The schema as that program made it on PostgreSQL, with the rows of SQLite."""
    with closing(sqlite3.connect(path)) as source, psycopg.connect(url) as target:
        target.execute(_kept(revision, "postgresql.sql.xz"))
        target.execute(
            "SET LOCAL session_replication_role = replica"
        )  # no trigger, no order of tables
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (name,) in source.execute(tables).fetchall():
            rows = source.execute(f'SELECT * FROM "{name}"')
            columns = [one[0] for one in rows.description]
            _insert(target, name, columns, rows.fetchall())
            if "id" in columns:
                target.execute(_SEQUENCE.format(sql.Literal(name), sql.Identifier(name)))


def _insert(
    target: psycopg.Connection, name: str, columns: list[str], rows: list[tuple[object, ...]]
) -> None:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    holes = sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(name), listed, holes
    )
    with target.cursor() as cursor:
        cursor.executemany(statement, rows)


_SEQUENCE = sql.SQL(
    "SELECT setval(pg_get_serial_sequence({0}, 'id'), greatest(max(id), 1), max(id) IS NOT NULL)"
    " FROM {1}"
)
