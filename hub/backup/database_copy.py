"""The database in a backup, as it is at one moment.

    database/hub.sqlite           SQLite: the whole file, by its online backup
    database/<table>/<number>     PostgreSQL: what COPY gives of the table, cut into parts

SQLite's backup runs inside a read transaction, so it needn't begin anew when somebody commits: with a
write-ahead log nobody waits; without one, commits wait until the copy is there. On PostgreSQL one
REPEATABLE READ transaction sees all tables as they were, for as long as it takes, and nobody waits.
"""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, func, inspect, select, text
from sqlalchemy import table as table_clause

from hub.all_tables import ALL
from hub.backup.container import Writing
from hub.backup.manifest import DATABASE, Member
from hub.copying import copying
from hub.migrations.revisions import version
from hub.progress import Progress
from hub.tables import dataset

FILE = f"{DATABASE}hub.sqlite"
PAGES = 4_096  # copied between two signs of life
PART = 8 << 20  # bytes of a table in one member


def copy_sqlite(connection: Connection, target: Path, progress: Progress) -> None:
    """The database that the connection's transaction sees, as a file of its own."""
    source = cast("sqlite3.Connection", connection.connection.driver_connection)
    size = int(connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)

    def tell(_status: int, left: int, total: int) -> None:
        progress.rows((total - left) * size)

    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # the backup is synced as a whole, or isn't one
        source.backup(copy, pages=PAGES, progress=tell)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the site's journal is


def counts_of(connection: Connection) -> dict[str, int]:
    """table → rows, of all tables; of PostgreSQL's those of the program, whose parts are no tables of
    their own. What says which schema it is isn't one of them."""
    there = set(inspect(connection).get_table_names()) - {version.name}
    if connection.dialect.name == "postgresql":
        there &= set(ALL.tables)
    query = (select(func.count()).select_from(table_clause(name)) for name in sorted(there))
    return dict(zip(sorted(there), (int(connection.scalar(q) or 0) for q in query), strict=True))


def heads_of(connection: Connection) -> dict[str, int]:
    """dataset → its last sequence number."""
    if not inspect(connection).has_table(dataset.name):
        return {}
    rows = connection.execute(select(dataset.c.name, dataset.c.seq).order_by(dataset.c.name))
    return {row.name: int(row.seq) for row in rows}


def write_tables(
    connection: Connection, writing: Writing, progress: Progress
) -> dict[str, Member]:
    """Every table of a PostgreSQL database; returns member → what it is."""
    found: dict[str, Member] = {}
    written = 0
    for name in counts_of(connection):
        for number, part in enumerate(_parts(connection, name), start=1):
            place = f"{DATABASE}{name}/{number:06d}"
            found[place] = writing.add(place, io.BytesIO(part), len(part))
            written += len(part)
            progress.rows(written)
    return found


def _parts(connection: Connection, name: str) -> Iterator[bytes]:
    """The first line names the columns."""
    columns = ",".join(f'"{one.name}"' for one in ALL.tables[name].columns)
    buffer = bytearray(f"{columns}\n".encode())
    statement = f"COPY (SELECT {columns} FROM {name}) TO STDOUT"  # noqa: S608 - our own names
    with copying(connection, statement) as copy:
        for block in copy:
            buffer += block
            if len(buffer) >= PART:
                yield bytes(buffer)
                buffer.clear()
    yield bytes(buffer)


def read_table(connection: Connection, name: str, parts: Iterator[bytes]) -> None:
    """Fill a table that is empty with what `write_tables` wrote of it."""
    columns, _, rest = next(parts).partition(b"\n")
    statement = f"COPY {name} ({columns.decode()}) FROM STDIN"
    with copying(connection, statement) as copy:
        copy.write(rest)
        for part in parts:
            copy.write(part)


def numbers_go_on(connection: Connection) -> None:
    """Let the numbers that PostgreSQL gives out go on behind those that are in the tables."""
    for table in ALL.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        words = {"table": table.name, "column": column.name}
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), words)
        last = connection.scalar(select(func.max(column)))
        if sequence is not None and last is not None:
            connection.execute(
                text("SELECT setval(:name, :last)"), {"name": sequence, "last": last}
            )
