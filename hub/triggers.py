"""Triggers that tables are made with: said once, beside the table, for each kind of database.

They are made together with a new table, and made anew from here at the end of every upgrade, so that an
older site has the same as a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import DDL, Connection, MetaData, Table, event

# Table → dialect → statements, in the order in which they are run.
_STATEMENTS: WeakKeyDictionary[Table, dict[str, list[str]]] = WeakKeyDictionary()
_WITHOUT = "hub_without_triggers"


def add(table: Table, dialect: str, *statements: str) -> None:
    """Have the statements run whenever the table is made on `dialect` (sqlite, postgresql)."""
    _STATEMENTS.setdefault(table, {}).setdefault(dialect, []).extend(statements)
    for statement in statements:
        made = _ddl(statement).execute_if(dialect=dialect, callable_=_wanted)
        event.listen(table, "after_create", made)


@contextmanager
def none_made(connection: Connection) -> Iterator[None]:
    """Tables that are made with this connection in the block get no triggers."""
    connection.execution_options(**{_WITHOUT: True})
    try:
        yield
    finally:
        connection.execution_options(**{_WITHOUT: False})


def make(connection: Connection, tables: MetaData) -> None:
    """Run the statements of all tables; none of their triggers may be there."""
    for table in tables.sorted_tables:
        for statement in _STATEMENTS.get(table, {}).get(connection.dialect.name, ()):
            connection.execute(_ddl(statement))


def drop(connection: Connection) -> None:
    """Drop every trigger, and on PostgreSQL every function of triggers, of the site's database."""
    found = _OF_SQLITE if connection.dialect.name == "sqlite" else _OF_POSTGRESQL
    for (statement,) in connection.exec_driver_sql(found).all():
        connection.exec_driver_sql(statement)


def _wanted(*given: Any, **_words: Any) -> bool:
    """`given` is what SQLAlchemy tells of a statement: itself, its table, and the connection."""
    connection: Connection | None = given[2]
    return connection is None or not connection.get_execution_options().get(_WITHOUT)


def _ddl(statement: str) -> DDL:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]


_OF_SQLITE = """
SELECT 'DROP TRIGGER "' || name || '"' FROM sqlite_master WHERE type = 'trigger'
"""
# Those of partitions go with their parent's; those of extensions aren't ours.
_OF_POSTGRESQL = """
SELECT format('DROP TRIGGER %%I ON %%s', t.tgname, t.tgrelid::regclass)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT format('DROP FUNCTION %%s', p.oid::regprocedure)
FROM pg_proc p
WHERE p.prorettype = 'trigger'::regtype AND p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
