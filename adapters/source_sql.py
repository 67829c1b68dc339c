"""Source: a table, a view or a query of a department's database.

The delivery is one CSV in UTF-8, `rows.csv`; with `keys:` a second part, `keys.csv`, lists the keys
of all rows that there are at the same moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select

from adapters.prefetch import prefetch
from adapters.source import KEYS, Ask, Part
from adapters.sql_address import OPTIONS
from adapters.sql_columns import Columns, find_columns
from adapters.sql_connection import Connected, connect
from adapters.sql_cursor import cursor_text, cursor_value, set_back
from adapters.sql_faults import telling
from adapters.sql_query import NEVER, Query, above, read_query
from adapters.sql_rows import csv_blocks
from adapters.steadily import steadily

_NAME = {"type": "string", "minLength": 1}
_NAMES = {"type": "array", "items": _NAME, "minItems": 1, "uniqueItems": True}
_INCREMENT = {
    "type": "object",
    "required": ["column"],
    "additionalProperties": False,
    "properties": {
        "column": _NAME,
        "start": {"type": ["string", "number"]},
        "overlap": {"type": "number", "minimum": 0},
    },
}


class SqlSource:
    """`docs/connect/databases.md` tells what each option means."""

    format: Mapping[str, Any] | None = {"kind": "csv", "encoding": "utf-8"}
    options: Mapping[str, Any] = {
        "anyOf": [{"required": ["url"]}, {"required": ["driver", "host", "database", "user"]}],
        "oneOf": [{"required": ["table"]}, {"required": ["view"]}, {"required": ["query"]}],
        "properties": {
            **OPTIONS,
            "table": _NAME,
            "view": _NAME,
            "query": _NAME,
            "schema": _NAME,
            "columns": _NAMES,
            "where": _NAME,
            "increment": _INCREMENT,
            "keys": _NAMES,
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The rows, and the keys of all rows where the feed asks for them.

        An increment without a new row has no part of rows, so its cursor stays where it is.

        Raises Misdeclared (query_unfit, increment_unfit, table_unknown, table_column_unknown and
        those of `adapters.sql_address`), and what `adapters.sql_faults` makes of drivers' errors;
        a connection that breaks off in the middle raises too.
        """
        query = read_query(ask.options)
        delivery = steadily(lambda: _prepare(ask, query))
        keys = ask.options.get("keys")
        origin = f"{delivery.connected.place.name} {query.name}"
        ask.progress(origin)
        if delivery.rows is not None:
            rows = delivery.read(delivery.rows, last=not keys)
            yield Part("rows.csv", prefetch(rows), origin, cursor=delivery.cursor)
        if keys:
            listed = query.all(delivery.columns.asked(keys))
            yield Part("keys.csv", delivery.read(listed, last=True), origin, role=KEYS)


@dataclass(frozen=True, slots=True)
class _Delivery:
    """`rows` is what is going to be read, `cursor` where the next pull goes on from after that.

    `rows` is None where nothing is new.
    """

    connected: Connected
    columns: Columns
    rows: Select[Any] | None
    cursor: str | None

    def read(self, rows: Select[Any], last: bool) -> Iterator[bytes]:
        """CSV; after the `last` part of the delivery the connection is closed, and after a fault.

        The parts are read after `pull` has given them all, so it can't close the connection itself.
        It is closed here, by the thread that uses it, and never while it is being read from.
        """
        whole = False
        try:
            yield from csv_blocks(self.connected, rows)
            whole = True
        finally:
            if last or not whole:
                self.connected.close()


def _prepare(ask: Ask, query: Query) -> _Delivery:
    connected = connect(ask)
    try:
        with telling(connected.place):
            columns = find_columns(connected, query, ask.options)
            rows, cursor = _asked(connected, columns, query, ask)
    except BaseException:
        connected.close()
        raise
    if rows is None and not ask.options.get("keys"):
        connected.close()
    return _Delivery(connected, columns, rows, cursor)


def _asked(
    connected: Connected, columns: Columns, query: Query, ask: Ask
) -> tuple[Select[Any] | None, str | None]:
    """Which rows are to be read (None: none is new), and the cursor after them.

    The greatest value is looked up before the rows are read: where a database shows them no common
    snapshot, a row that comes in between is delivered twice, and none is lost.
    """
    expressions = columns.asked(ask.options.get("columns") or columns.types)
    increment = ask.options.get("increment")
    if increment is None:
        return query.all(expressions), None
    column = increment["column"]
    newer = _newer(connected, query, ask)
    with connected.connection.execute(query.last(column, newer)) as result:
        last = result.scalar()
    if last is None and newer is not None:
        return None, None
    cursor = None if last is None else cursor_text(last, column)
    return query.all(expressions, newer, column), cursor


def _newer(connected: Connected, query: Query, ask: Ask) -> ColumnElement[bool] | None:
    """Which rows come after the last pull, or after where the feed says to start; None: all."""
    increment = ask.options["increment"]
    column, overlap = increment["column"], increment.get("overlap")
    begin = ask.cursor if ask.cursor is not None else increment.get("start")
    if begin is None:
        return None
    with connected.connection.execute(query.one(column)) as result:
        sample = result.scalar()
    if sample is None:  # no row has a value there, so none is new
        return NEVER
    value = cursor_value(str(begin), sample, column)
    if ask.cursor is None:  # `start` is the first value that counts
        return above(column, value, inclusive=True)
    return above(column, set_back(value, overlap or 0, column), inclusive=overlap is not None)
