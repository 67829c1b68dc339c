"""A table of before set aside, so that one of the same name can be made, and its rows copied over.

On SQLite foreign keys have to be off (`hub.migrations.upgrading` sees to it), and no trigger may be there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData, Table, inspect
from sqlalchemy.schema import AddConstraint

SUFFIX = "_aside"


def set_aside(connection: Connection, name: str, suffix: str = SUFFIX) -> None:
    """Rename a table, and let go of the names of its indexes and sequences."""
    free_names(connection, name)
    other = name + suffix
    if connection.dialect.name == "sqlite":  # whoever refers to the table means the new one
        connection.exec_driver_sql("PRAGMA legacy_alter_table=ON")
    connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA legacy_alter_table=OFF")


def free_names(connection: Connection, name: str) -> None:
    """Have nothing that belongs to a table bear a name that another one's would need."""
    if connection.dialect.name == "sqlite":
        for index in inspect(connection).get_indexes(name):
            connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
        return
    for (statement,) in connection.exec_driver_sql(_RENAMES, {"table": name}).all():
        connection.exec_driver_sql(statement)


def copy(connection: Connection, table: Table, fill: Mapping[str, str]) -> None:
    """Copy the rows of the table that was set aside; `fill`: column → SQL of what stands for null."""
    aside = table.name + SUFFIX
    there = {one["name"] for one in inspect(connection).get_columns(aside)}
    names = [one.name for one in table.columns if one.name in there or one.name in fill]
    values = ", ".join(_value(name, there, fill) for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{table.name}" ({quoted}) SELECT {values} FROM {aside}'  # noqa: S608
    connection.exec_driver_sql(statement)
    if connection.dialect.name == "postgresql":
        _go_on_counting(connection, table)


def _value(name: str, there: set[str], fill: Mapping[str, str]) -> str:
    if name not in there:
        return fill[name]
    return f'coalesce("{name}", {fill[name]})' if name in fill else f'"{name}"'


def drop(connection: Connection, name: str, suffix: str = SUFFIX) -> None:
    """Drop a table that was set aside, by its name of before."""
    connection.exec_driver_sql(f"DROP TABLE {name}{suffix}")


def drop_foreign_keys(connection: Connection, tables: MetaData) -> None:
    """On PostgreSQL: foreign keys follow a table that is set aside, so they are made anew afterwards."""
    if connection.dialect.name == "postgresql":
        words = {"tables": list(tables.tables)}
        for (statement,) in connection.exec_driver_sql(_FOREIGN_KEYS, words).all():
            connection.exec_driver_sql(statement)


def make_foreign_keys(connection: Connection, tables: MetaData) -> None:
    """On PostgreSQL: … those that are missing now."""
    if connection.dialect.name != "postgresql":
        return
    found = inspect(connection).get_multi_foreign_keys()
    schema = None
    for table in tables.sorted_tables:
        have = {tuple(one["constrained_columns"]) for one in found.get((schema, table.name), ())}
        for key in table.constraints:
            if isinstance(key, ForeignKeyConstraint) and tuple(key.column_keys) not in have:
                connection.execute(AddConstraint(key, isolate_from_table=False))


def _go_on_counting(connection: Connection, table: Table) -> None:
    column = table.autoincrement_column
    if column is None:
        return
    last = f"max({column.name})"
    sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
    statement = f"SELECT setval({sequence}, greatest({last}, 1), {last} IS NOT NULL)"
    connection.exec_driver_sql(f'{statement} FROM "{table.name}"')


# An index of a constraint takes the constraint's name along.
_RENAMES = """
SELECT format('ALTER %%s %%I RENAME TO %%I',
    CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'INDEX' END, c.relname, 'before_' || c.oid)
FROM pg_class c
WHERE c.relkind IN ('i', 'S') AND c.relnamespace = current_schema()::regnamespace AND c.oid IN (
    SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass(%(table)s)
    UNION
    SELECT objid FROM pg_depend WHERE refobjid = to_regclass(%(table)s) AND deptype IN ('a', 'i')
        AND classid = 'pg_class'::regclass
)
"""
_FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND connamespace = current_schema()::regnamespace
    AND conrelid::regclass::text = ANY (%(tables)s)
"""
