"""Moving a site to another database: all tables in one transaction, compared on both sides.

While the rows go over, nobody can write the database they come from. When they are there and their
digests are the same, that one is closed for good by triggers, so that a process which still has it
open can't write what nobody would ever read; and the site notes of which kind its database is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, Engine, LargeBinary, Table, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from exchange_schemas.errors import Corrupt, Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.all_tables import ALL
from hub.backup.filling import filling
from hub.backup.table_digest import TableDigest, schema_of
from hub.backup.whole import kind_of, say_where_truth_is
from hub.bulk import insert_frame
from hub.database import connect, create_tables, write
from hub.instant import utc_now
from hub.migrations.exclusive import others
from hub.progress import Progress, Silent
from hub.site import Site
from hub.verify import Verdict, verify

MANY, FEW = 50_000, 500  # rows at a time: few where a row has a whole segment in it
_CLOSED = "moved_away"  # the triggers of a database that was moved


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that was moved: how many rows, and their digest in hex, there as here."""

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Move:
    """What was moved to a database of this `kind`, and what was verified there."""

    kind: str
    tables: tuple[Moved, ...]
    verdict: Verdict


def move(site: Site, source: Engine, to: str, progress: Progress | None = None) -> Move:
    """Move the site's database to the empty one at the URL `to`, of the other kind.

    Raises Misdeclared (move_same_kind), Refused (move_not_empty, move_in_use, move_failed, move_unproven), Corrupt
    (move_differs): the site's database is as before then, and the other one is empty but for tables.
    """
    shown = progress or Silent()
    if kind_of(to) == source.dialect.name:
        raise Misdeclared(Issue("move_same_kind", value=kind_of(to)))
    target = connect(to)
    try:
        if inspect(target).get_table_names():
            raise Refused(Issue("move_not_empty", value=target.url.render_as_string()))
        _check_alone(source)
        with _quiet(source) as still:
            create_tables(target)
            tables = move_tables(still, target, shown)
            verdict = _proved(site, target, shown)
            _close(still)
        say_where_truth_is(site.path, target.dialect.name, utc_now())
    finally:
        target.dispose()
    return Move(kind_of(to), tables, verdict)


def _check_alone(source: Engine) -> None:
    """Raises Refused (move_in_use): who has the database open would be left behind with it."""
    with source.connect() as connection:
        found = others(connection, source.url.render_as_string(hide_password=False))
    if found:
        raise Refused(Issue("move_in_use", value=", ".join(found)))


@contextmanager
def _quiet(source: Engine) -> Iterator[Connection]:
    """A transaction beside which nobody writes; what it changes is committed at its end."""
    with write(source) as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(table.name for table in ALL.sorted_tables)
            connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        yield connection


def move_tables(source: Connection, target: Engine, progress: Progress) -> tuple[Moved, ...]:
    """Fill the tables of `target` with the rows that `source` sees, in one transaction, and compare.

    Raises Refused (move_failed), Corrupt (move_differs).
    """
    moved = []
    with write(target) as connection, filling(connection) as tables:
        for table in tables:
            progress.step(table.name)
            try:
                here = _copy(source, connection, table, progress)
                there = _digest(connection, table)
            except SQLAlchemyError as error:
                words = {"reason": str(getattr(error, "orig", None) or type(error).__name__)}
                raise Refused(Issue("move_failed", value=table.name, params=words)) from None
            if (here.rows, here.digest) != (there.rows, there.digest):
                words = {
                    "here": f"{here.rows} {here.digest}",
                    "there": f"{there.rows} {there.digest}",
                }
                raise Corrupt(Issue("move_differs", value=table.name, params=words))
            moved.append(Moved(table.name, here.rows, here.digest))
    return tuple(moved)


def _copy(source: Connection, target: Connection, table: Table, progress: Progress) -> TableDigest:
    taken = TableDigest()
    for frame in _rows(source, table):
        taken.take(frame)
        insert_frame(target, table, frame)
        progress.rows(taken.rows)
    return taken


def _digest(connection: Connection, table: Table) -> TableDigest:
    taken = TableDigest()
    for frame in _rows(connection, table):
        taken.take(frame)
    return taken


def _rows(connection: Connection, table: Table) -> Iterator[pl.DataFrame]:
    """In the order of the key, so that a row comes behind the one of its own table that it refers to."""
    query, schema = select(table).order_by(*table.primary_key.columns), schema_of(table)
    long = any(isinstance(c.type, LargeBinary) and c.type.length is None for c in table.columns)
    count = FEW if long else MANY
    result = connection.execute(query, execution_options={"yield_per": count})
    for block in result.partitions(count):
        yield pl.DataFrame([tuple(row) for row in block], schema=schema, orient="row")


def _proved(site: Site, target: Engine, progress: Progress) -> Verdict:
    """Raises Refused (move_unproven), with what `hub verify` finds: then it was so before the move."""
    verdict = verify(site, target, progress)
    for found in verdict.issues:
        words = {"reason": found.message("en"), "reason_zh": found.message("zh_CN")}
        raise Refused(Issue("move_unproven", value=found.code, params=words))
    return verdict


def _close(connection: Connection) -> None:
    """Let nobody write the database that was moved, for good."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text(f"""
            CREATE FUNCTION {_CLOSED}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'this site was moved to another database'; END $$
        """)
        )
    for table in ALL.sorted_tables:
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(f"""
                CREATE TRIGGER {_CLOSED} BEFORE INSERT OR UPDATE OR DELETE ON {table.name}
                FOR EACH STATEMENT EXECUTE FUNCTION {_CLOSED}()
            """)
            )
            continue
        for act in ("INSERT", "UPDATE", "DELETE"):
            connection.exec_driver_sql(f"""
                CREATE TRIGGER {_CLOSED}_{table.name}_{act} BEFORE {act} ON {table.name}
                BEGIN SELECT RAISE(ABORT, 'this site was moved to another database'); END
            """)
