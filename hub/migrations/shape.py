"""What a database's tables look like, in words that can be compared: those of an upgraded site must be
the ones that a new site gets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, MetaData, create_engine, inspect
from sqlalchemy.engine import Inspector, ObjectScope

from hub.triggers import none_made

Shape = dict[
    str, dict[str, str]
]  # table → what is declared of it, such as "column id" → its wording


def shape_of(connection: Connection, names: Collection[str]) -> Shape:
    """The shape of those of the named tables that the site has."""
    return _read(connection, names, connection.dialect.default_schema_name)


def shape_of_new(connection: Connection, tables: MetaData) -> Shape:
    """The shape of `tables` as this kind of database makes them; leaves nothing behind."""
    names = set(tables.tables)
    if connection.dialect.name == "sqlite":
        engine = create_engine("sqlite://")
        with engine.connect() as scratch, none_made(scratch):
            tables.create_all(scratch)
            return _read(scratch, names, "main")
    with _temporary(connection), none_made(connection):
        tables.create_all(connection, checkfirst=False)
        schema = connection.exec_driver_sql(_TEMPORARY).scalar_one()
        made = _read(connection, names, schema)
        for table in reversed(tables.sorted_tables):
            connection.exec_driver_sql(f"DROP TABLE pg_temp.{table.name} CASCADE")
    return made


def differences(here: Shape, wanted: Shape) -> dict[str, list[str]]:
    """Table → what differs, in order, such as "column state: missing"; tables that don't are left out."""
    found = {}
    for table, words in wanted.items():
        if table not in here:
            found[table] = ["missing"]
        elif told := list(_told(here[table], words)):
            found[table] = told
    return found


def _told(here: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(here.keys() | wanted.keys()):
        if here.get(name) != wanted.get(name):
            yield f"{name}: {here.get(name, 'missing')} ≠ {wanted.get(name, 'missing')}"


_TEMPORARY = "SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()"


@contextmanager
def _temporary(connection: Connection) -> Iterator[None]:
    """On PostgreSQL tables are made as temporary ones in the block: that takes no right to make schemas."""
    path = connection.exec_driver_sql("SHOW search_path").scalar_one()
    connection.exec_driver_sql("SET LOCAL search_path = pg_temp")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"SET LOCAL search_path = {path}")


def _read(connection: Connection, names: Collection[str], schema: str | None) -> Shape:
    found = inspect(connection)
    kind = {"schema": schema, "filter_names": list(names), "scope": ObjectScope.ANY}
    made: Shape = {}
    for describe in (_columns, _keys, _checks, _indexes):
        for name, words in describe(found, kind):
            made.setdefault(name, {}).update(words)
    for name, words in _kinds(connection, schema):
        if name in made:
            made[name].update(words)
    return made


Described = Iterator[tuple[str, dict[str, str]]]


def _columns(found: Inspector, kind: dict[str, Any]) -> Described:
    for (_, table), columns in found.get_multi_columns(**kind).items():
        yield (
            str(table),
            {f"column {one['name']}": _column(one, kind["schema"]) for one in columns},
        )


def _column(one: Mapping[str, Any], schema: str) -> str:
    null = "" if one["nullable"] else " NOT NULL"
    default = "" if one["default"] is None else f" DEFAULT {one['default']}"
    default = default.replace(f'"{schema}".', "").replace(f"{schema}.", "")
    return f"{one['type']!r}{null}{default}"


def _keys(found: Inspector, kind: dict[str, Any]) -> Described:
    for (_, table), key in found.get_multi_pk_constraint(**kind).items():
        yield str(table), {"primary key": _names(key["constrained_columns"])}
    for (_, table), keys in found.get_multi_foreign_keys(**kind).items():
        yield (
            str(table),
            {
                f"foreign key {_names(one['constrained_columns'])}": (
                    f"{one['referred_table']} {_names(one['referred_columns'])}"
                    f" {sorted(one['options'].items())}"
                )
                for one in keys
            },
        )
    for (_, table), uniques in found.get_multi_unique_constraints(**kind).items():
        yield str(table), {f"unique {_names(one['column_names'])}": "" for one in uniques}


def _checks(found: Inspector, kind: dict[str, Any]) -> Described:
    for (_, table), checks in found.get_multi_check_constraints(**kind).items():
        yield (
            str(table),
            {f"check {one['name']}": " ".join(one["sqltext"].split()) for one in checks},
        )


def _indexes(found: Inspector, kind: dict[str, Any]) -> Described:
    for (_, table), indexes in found.get_multi_indexes(**kind).items():
        yield (
            str(table),
            {
                f"index {one['name']}": f"{one.get('expressions') or one['column_names']}"
                f" unique={bool(one['unique'])} {_options(one)}"
                for one in indexes
                if not one.get("duplicates_constraint")
            },
        )


def _options(index: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((key, str(value)) for key, value in index.get("dialect_options", {}).items())


def _names(columns: Collection[str]) -> str:
    return ", ".join(columns)


def _kinds(connection: Connection, schema: str | None) -> Described:
    """What the inspector doesn't tell: tables without row numbers, tables in parts."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, CASE WHEN wr THEN 'yes' ELSE 'no' END FROM pragma_table_list"
        for name, without in connection.exec_driver_sql(query):
            yield name, {"without rowid": without}
        return
    query = """
        SELECT c.relname, pg_get_partkeydef(c.oid) FROM pg_class c
        JOIN pg_partitioned_table p ON p.partrelid = c.oid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %(schema)s
    """
    for name, key in connection.exec_driver_sql(query, {"schema": schema}):
        yield name, {"partitioned by": key}
