"""Many rows of text columns in one go: a million rows in a second, where a driver takes four."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, cast

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    String,
    func,
    literal_column,
    select,
)
from sqlalchemy import (
    cast as cast_to,
)

from hub.copying import copying

_CELL, _ROW = "\x1f", "\x1e"  # the unit and record separators of ASCII, which no cell here has


def read_texts(
    connection: Connection,
    columns: Sequence[ColumnElement[Any]],
    *conditions: ColumnElement[bool],
) -> pl.DataFrame:
    """The columns (named, of one table) of the rows that meet the conditions, as text, in no order.

    Missing values are null, numbers as written and binary values hexadecimal in lower case. The cells
    must be free of the separators: ids, states, days and digests are.
    """
    cells = [_text(connection, one) for one in columns]
    query = cast("Select[Any]", select(*cells).where(*conditions))
    raw = _sqlite(connection, cells, query) if _is_sqlite(connection) else _copy(connection, query)
    names = [str(one.key) for one in columns]
    if not raw:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    return pl.read_csv(
        raw, has_header=False, separator=_CELL, eol_char=_ROW, quote_char=None,
        new_columns=names, infer_schema=False, null_values=[""],
    )  # fmt: skip


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _text(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    if isinstance(column.type, LargeBinary):
        if _is_sqlite(connection):
            return func.lower(func.hex(column))
        return func.encode(column, "hex")
    return cast_to(column, String)


def _sqlite(
    connection: Connection, cells: Sequence[ColumnElement[str]], query: Select[Any]
) -> bytes:
    """SQLite puts all rows together itself: a row fetched costs more than a row read."""
    filled = [func.coalesce(cell, "") for cell in cells]
    row: ColumnElement[str] = filled[0]
    for cell in filled[1:]:
        row = row.concat(literal_column("x'1f'")).concat(cell)
    whole = query.with_only_columns(func.group_concat(row, literal_column("x'1e'")))
    told = connection.scalar(whole)
    return (told or "").encode()


def _copy(connection: Connection, query: Select[Any]) -> bytes:
    # A missing value is written as nothing; an empty text would be quoted.
    text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
    options = f"(FORMAT csv, DELIMITER '{_CELL}', QUOTE E'\\x02')"
    found = io.BytesIO()
    with copying(connection, f"COPY ({text}) TO STDOUT {options}") as copy:
        for block in copy:
            found.write(bytes(block))
    return found.getvalue().replace(b"\n", _ROW.encode()).removesuffix(_ROW.encode())
