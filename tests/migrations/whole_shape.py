"""Everything that a database declares: tables, and on top triggers and functions."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from hub.migrations.counts import count
from hub.migrations.shape import Shape, shape_of


def whole_shape(engine: Engine) -> Shape:
    """Table → what is declared of it; under "triggers" and "functions" their wording."""
    with engine.connect() as connection:
        made = shape_of(connection, [*count(connection), "alembic_version"])
        made["triggers"], made["functions"] = _triggers(connection), _functions(connection)
    return made


def _triggers(connection: Connection) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        query = """SELECT c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t
            JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"""
    return {str(name): " ".join(text.split()) for name, text in connection.exec_driver_sql(query)}


def _functions(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        return {}
    query = """SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace"""
    return {str(name): text for name, text in connection.exec_driver_sql(query)}
