"""A site's database from an older schema to this program's: all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub import triggers
from hub.all_tables import ALL
from hub.database import lock_tables
from hub.migrations import before
from hub.migrations.counts import count, explain
from hub.migrations.plan import Plan, plan_of
from hub.migrations.revisions import BEFORE, stamp
from hub.migrations.script import run
from hub.migrations.shape import differences, shape_of, shape_of_new
from hub.progress import Progress, Silent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: the plan, rows by table before and after, and why a table has more of them."""

    plan: Plan
    before: dict[str, int]
    after: dict[str, int]
    explained: dict[str, str]


def upgrade(engine: Engine, progress: Progress | None = None) -> Outcome:
    """Upgrade in one transaction, and check before it is committed that every row is there, that every
    table is as in a new site, and that every reference holds. Another upgrade of the site waits.

    Raises Refused (schema_newer, upgrade_in_use, upgrade_no_room), Misdeclared (schema_missing) and
    Corrupt (upgrade_rows_differ, upgrade_shape_differs, upgrade_reference_broken); nothing was changed
    then. To be called within `exclusive.alone`.
    """
    shown = progress or Silent()
    with _transaction(engine) as connection:
        plan = plan_of(connection, engine.url.render_as_string(hide_password=False))
        if not plan.steps:
            return Outcome(plan, {}, {}, {})
        plan.check()
        shown.step("counting rows")
        rows = count(connection)
        _make(connection, plan, shown)
        shown.step("checking the upgraded tables")
        _check_shape(connection)
        triggers.make(connection, ALL)
        _check_references(connection)
        after = count(connection)
        explained = explain(before.renamed(rows, after), after, plan.steps)
        return Outcome(plan, rows, after, explained)


def _make(connection: Connection, plan: Plan, progress: Progress) -> None:
    """Data are moved without triggers, which hold programs to the rules and not what is kept; all are
    made anew afterwards, as this program has them."""
    triggers.drop(connection)
    with triggers.none_made(connection):
        if plan.before == BEFORE:
            before.bring(connection, progress)
            stamp(connection, "0001")
        run(connection, progress.step)


def _check_shape(connection: Connection) -> None:
    found = differences(shape_of(connection, ALL.tables), shape_of_new(connection, ALL))
    for table, what in found.items():
        words = {"found": "; ".join(what)}
        raise Corrupt(Issue("upgrade_shape_differs", value=table, params=words))


def _check_references(connection: Connection) -> None:
    """PostgreSQL has looked when it made the foreign keys."""
    if connection.dialect.name == "sqlite":
        for table, _row, parent, _key in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            words = {"found": str(parent)}
            raise Corrupt(Issue("upgrade_reference_broken", value=str(table), params=words))


@contextmanager
def _transaction(engine: Engine) -> Iterator[Connection]:
    """As `hub.database.write`, but without foreign keys on SQLite, where a table that others refer to can
    be made anew only so; they are looked at as a whole before the end."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                lock_tables(connection)
                yield connection
            return
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        else:
            connection.exec_driver_sql("COMMIT")
        finally:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
