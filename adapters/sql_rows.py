"""Rows of a database as blocks of CSV: UTF-8, a header, NULL an empty cell.

PostgreSQL writes the CSV itself (COPY). Elsewhere rows come by a streaming cursor and are turned
column by column. The texts are exact: numbers without exponent, dates and times as in ISO 8601 with
a blank between, an offset where the type has one, true and false, bytes in hex, JSON for lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
from pymysql.constants.FIELD_TYPE import BIT, DOUBLE, FLOAT
from pymysql.cursors import SSCursor
from sqlalchemy import Select

from adapters.sql_connection import Connected
from adapters.sql_cursor import HERE
from adapters.sql_faults import telling
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

BLOCK = 1 << 20  # bytes of CSV in a block, about
MOST_ROWS = 20_000  # of a block
NUL = "␀"  # stands for NUL, which no CSV can have

Row = Sequence[Any]


def csv_blocks(connected: Connected, rows: Select[Any]) -> Iterator[bytes]:
    """The rows of a SELECT as CSV. Raises as `telling` does, and SourceUnreadable (value_unfit)."""
    make = {"postgresql": _copied, "mysql": _streamed}
    with telling(connected.place):
        for block in make.get(connected.kind, _fetched)(connected, rows):
            connected.place.check_time()
            yield block


def _copied(connected: Connected, rows: Select[Any]) -> Iterator[bytes]:
    driver: Any = connected.connection.connection.driver_connection
    compiled = rows.compile(dialect=connected.connection.dialect)
    # a ClientCursor fills the cursor's value in: COPY takes no parameters
    with psycopg.ClientCursor(driver) as cursor:
        asked = cursor.mogrify(compiled.string, compiled.params)
        with cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT csv, HEADER)") as copy:
            held, size = [], 0
            for data in copy:
                held.append(data)
                size += len(data)
                if size >= BLOCK:
                    yield b"".join(held)
                    held, size = [], 0
            yield b"".join(held)


def _streamed(connected: Connected, rows: Select[Any]) -> Iterator[bytes]:
    """MariaDB sends texts; they are taken as they come, which is exact and quick."""
    driver: Any = connected.connection.connection.driver_connection
    compiled = rows.compile(dialect=connected.connection.dialect)
    driver.decoders, decoders = {}, driver.decoders
    cursor = SSCursor(driver)
    try:
        cursor.execute(compiled.string, compiled.params)
        names = [column[0] for column in cursor.description]
        forms = [_OF_MARIADB.get(column[1]) for column in cursor.description]
        yield from _blocks(cursor.fetchmany, names, forms)
    except BaseException:
        _abandon(driver, cursor)
        raise
    cursor.close()
    driver.decoders = decoders


def _abandon(driver: Any, cursor: Any) -> None:
    """Hangs up: closing the cursor as usual would read all rows that are left, from whoever is
    still there to send them."""
    if cursor._result is not None:
        cursor._result.unbuffered_active = False
    driver._force_close()


def _fetched(connected: Connected, rows: Select[Any]) -> Iterator[bytes]:
    with connected.connection.execute(rows) as result:
        names = list(result.keys())
        # the driver's own cursor, which streams with all of these: SQLAlchemy's rows cost as much
        # again, and with its `stream_results` the first of them would be taken already
        yield from _blocks(result.cursor.fetchmany, names, [None] * len(names))


Form = Callable[[Any], str]


def _blocks(
    fetch: Callable[[int], Sequence[Row]], names: list[str], forms: list[Form | None]
) -> Iterator[bytes]:
    """As many rows at a time as make a block, by the size of those before."""
    count, header = 100, True
    while rows := fetch(count):
        columns = zip(names, forms, zip(*rows, strict=True), strict=True)
        block = _csv([_texts(*column) for column in columns], header)
        yield block
        header = False
        count = max(1, min(MOST_ROWS, 2 * count, BLOCK * len(rows) // len(block)))
    if header:
        yield _csv([pl.Series(name, [], pl.String) for name in names], header)


def _csv(columns: list[pl.Series], header: bool) -> bytes:
    frame = pl.DataFrame(columns)
    frame = frame.with_columns(pl.all().str.replace_all("\0", NUL, literal=True))
    return frame.write_csv(include_header=header, quote_style="necessary").encode()


def _texts(name: str, form: Form | None, cells: Row) -> pl.Series:
    kinds = set(map(type, cells)) - {type(None)}
    if kinds - {str} or form is not None:
        cells = [None if cell is None else (form or _text)(cell) for cell in cells]
    try:
        return pl.Series(name, cells, pl.String)
    except (TypeError, pl.exceptions.PolarsError):  # _text hands on what it doesn't know
        found = next(type(cell).__name__ for cell in cells if not isinstance(cell, str | None))
        issue = Issue("value_unfit", value=name, params={"found": found})
        raise SourceUnreadable(issue) from None


def _text(value: Any) -> Any:
    """A value's text; what has none comes back as it is."""
    form = _FORMS.get(type(value))
    return value if form is None else form(value)


def _moment(value: datetime) -> str:
    return (value.astimezone(HERE) if value.tzinfo else value).isoformat(" ")


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, however many hours: what MariaDB calls TIME."""
    sign, rest = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(rest.days * 86400 + rest.seconds, 60)
    part = f".{rest.microseconds:06d}" if rest.microseconds else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}{part}"


def _plain(text: Any) -> str:
    """A number's shortest exact text, without exponent and without a fraction of nothing."""
    written = text if isinstance(text, str) else repr(text)
    if "e" in written:
        written = format(Decimal(written), "f")
    return written.removesuffix(".0")


def _bit(value: bytes) -> str:
    return str(int.from_bytes(value, "big"))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_text)


_OF_MARIADB: dict[Any, Form] = {DOUBLE: _plain, FLOAT: _plain, BIT: _bit}
_FORMS: dict[type, Form] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _plain,
    Decimal: lambda value: format(value, "f"),
    datetime: _moment,
    date: str,
    time: str,
    timedelta: _duration,
    UUID: str,
    bytes: bytes.hex,
    bytearray: bytearray.hex,
    memoryview: memoryview.hex,
    dict: _json,
    list: _json,
}
