"""The columns of a table, view or query: what there is, and how each is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, inspect, literal_column
from sqlalchemy.exc import SQLAlchemyError

from adapters.sql_connection import Connected
from adapters.sql_faults import explain
from adapters.sql_query import Query, exact
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue

SHOWN = 50  # names in a message

# Type OIDs of PostgreSQL whose text in COPY isn't the one that is wanted. Source: pg_type.dat.
_FORMS = {
    16: "{0}::text",  # boolean: true, not t
    17: "encode({0}, 'hex')",  # bytea
    700: "{0}::text::numeric",  # real, double precision: no exponent
    701: "{0}::text::numeric",
    790: "{0}::numeric",  # money: no currency, no grouping
    1184: "replace({0}::text, '+08', '+08:00')",  # timestamp with time zone
}
_LIST = "to_json({0})"


@dataclass(frozen=True, slots=True)
class Columns:
    """`types` gives each column's type as the driver calls it, in the order of the table."""

    types: Mapping[str, Any]
    lists: frozenset[int] = frozenset()
    postgresql: bool = False

    def asked(self, names: Iterable[str]) -> list[ColumnElement[Any]]:
        """Expressions that give the columns' texts, under the columns' names."""
        return [self._form(name) for name in names]

    def _form(self, name: str) -> ColumnElement[Any]:
        kind = self.types[name]
        form = _LIST if kind in self.lists else _FORMS.get(kind)
        if not self.postgresql or form is None:
            return exact(name)
        quoted = '"' + name.replace('"', '""') + '"'
        return literal_column(form.format(quoted)).label(exact(name).key)


def find_columns(connected: Connected, query: Query, options: Mapping[str, Any]) -> Columns:
    """The columns that there are.

    Raises Misdeclared (table_unknown, table_column_unknown where the feed names one that there
    isn't), SourceUnreadable (column_duplicate), and as `explain` does.
    """
    connection = connected.connection
    try:
        with connection.execute(query.empty()) as result:
            found = [(column[0], column[1]) for column in result.cursor.description]
    except SQLAlchemyError as error:
        raise _without_table(connected, query, options) or explain(
            error, connected.place
        ) from None
    names = [name for name, _ in found]
    for name in names:
        if names.count(name) > 1:
            raise SourceUnreadable(Issue("column_duplicate", value=name))
    _check_named(query, names, options)
    types: dict[str, Any] = dict(found)
    if connected.kind != "postgresql":
        return Columns(types)
    return Columns(types, _lists(connected), postgresql=True)


def _lists(connected: Connected) -> frozenset[int]:
    """The types that are lists: those of the database's own types too."""
    lists = "SELECT oid FROM pg_type WHERE typcategory = 'A'"
    return frozenset(connected.connection.exec_driver_sql(lists).scalars())


def _check_named(query: Query, names: list[str], options: Mapping[str, Any]) -> None:
    increment = options.get("increment", {})
    named = {
        "columns": options.get("columns", []),
        "increment": [increment["column"]] if increment else [],
        "keys": options.get("keys", []),
    }
    for option, wanted in named.items():
        for name in wanted:
            if name not in names:
                words = {"table": query.name, "found": _listed(names), "option": option}
                raise Misdeclared(Issue("table_column_unknown", value=name, params=words))


def _without_table(
    connected: Connected, query: Query, options: Mapping[str, Any]
) -> Misdeclared | None:
    """What to say where the table isn't there; None where that isn't it."""
    if "query" in options:
        return None
    with suppress(SQLAlchemyError):
        connected.connection.rollback()
        schema = options.get("schema")
        there = inspect(connected.connection)
        if not there.has_table(query.name, schema=schema):
            names = [*there.get_table_names(schema), *there.get_view_names(schema)]
            words = {"database": connected.place.name, "found": _listed(sorted(names))}
            return Misdeclared(Issue("table_unknown", value=query.name, params=words))
    return None


def _listed(names: list[str]) -> str:
    return "、".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
