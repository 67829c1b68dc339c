"""Rows of a table as JSON values, and as the text of a download."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson
import polars as pl

from exchange_schemas.standard import Field
from publisher.ckan_view.columns import ROW, type_of
from publisher.ckan_view.ids import row_number
from publisher.columns import RECORD_ID

BOM = b"\xef\xbb\xbf"
SEPARATORS = {"csv": ",", "tsv": "\t"}
MEDIA_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "xml": "text/xml",
}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Row = Mapping[str, Any]


def objects(
    rows: Iterable[Row], columns: Sequence[str], fields: Mapping[str, Field]
) -> list[dict[str, Any]]:
    """Each row as an object with all columns; decimals are numbers with all their digits."""
    decimals = _decimals(columns, fields)
    return [_object(row, columns, decimals) for row in rows]


def lists(
    rows: Iterable[Row], columns: Sequence[str], fields: Mapping[str, Field]
) -> list[list[Any]]:
    """Each row as a list of its values."""
    return [list(row.values()) for row in objects(rows, columns, fields)]


def _decimals(columns: Sequence[str], fields: Mapping[str, Field]) -> list[str]:
    return [name for name in columns if name != ROW and type_of(fields[name]) == "numeric"]


def _object(row: Row, columns: Sequence[str], decimals: Sequence[str]) -> dict[str, Any]:
    told = {name: row.get(name) for name in columns}
    if ROW in told and told[ROW] is None:
        told[ROW] = row_number(row[RECORD_ID])
    for name in decimals:
        value = told[name]
        if isinstance(value, str):
            told[name] = orjson.Fragment(value) if _NUMBER.fullmatch(value) else None
    return told


def separated(
    rows: Sequence[Row], columns: Sequence[str], fields: Mapping[str, Field], format_: str
) -> str:
    """Rows of a page as lines of CSV or TSV, without a header."""
    told = [_object(row, columns, ()) for row in rows]
    schema = {name: pl.Int64() if name == ROW else fields[name].dtype for name in columns}
    return lines(pl.DataFrame(told, schema=schema), format_).decode()


def lines(frame: pl.DataFrame, format_: str) -> bytes:
    """Rows as PostgreSQL's COPY writes them: lists as JSON, t and f; a missing value is an empty
    cell, and an empty text a quoted one."""
    cells = [_cell(name, dtype) for name, dtype in frame.schema.items()]
    text: str = frame.select(cells).write_csv(
        separator=SEPARATORS[format_], include_header=False, line_terminator="\n"
    )
    return text.encode()


def _cell(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        # Polars writes JSON of structs only: take the value out of {"name":value}.
        text = pl.struct(name).struct.json_encode()
        inside = text.str.slice(len(name) + 4, text.str.len_chars() - len(name) - 5)
        return pl.when(column.is_not_null()).then(inside).alias(name)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("t")).when(~column).then(pl.lit("f")).alias(name)
    return column


def download(
    parts: Iterator[pl.DataFrame],
    columns: Sequence[Mapping[str, Any]],
    fields: Mapping[str, Field],
    format_: str,
    bom: bool,
) -> Iterator[bytes]:
    """A whole table in one of `MEDIA_TYPES`; `columns` are described as datastore_search does."""
    names = [str(column["id"]) for column in columns]
    start, end = _frame_of(columns, names, format_)
    yield (BOM if bom else b"") + start
    first = True
    for part in parts:
        yield _body(part, names, fields, format_, first)
        first = False
    yield end


def _frame_of(
    columns: Sequence[Mapping[str, Any]], names: Sequence[str], format_: str
) -> tuple[bytes, bytes]:
    if format_ == "json":
        return b'{\n  "fields": ' + orjson.dumps(columns) + b',\n  "records": [', b"\n]}\n"
    if format_ == "xml":
        space = b"http://www.w3.org/2001/XMLSchema-instance"
        return b'<data xmlns:xsi="' + space + b'">\n', b"</data>\n"
    return (SEPARATORS[format_].join(names) + "\n").encode(), b""


def _body(
    part: pl.DataFrame,
    names: Sequence[str],
    fields: Mapping[str, Field],
    format_: str,
    first: bool,
) -> bytes:
    if format_ in SEPARATORS:
        return lines(part, format_)
    rows = part.iter_rows(named=True)
    if format_ == "xml":
        return "".join(_element(row, names) for row in rows).encode()
    told = b",\n    ".join(orjson.dumps(row) for row in lists(rows, names, fields))
    return (b"\n    " if first else b",\n    ") + told


def _element(row: Row, names: Sequence[str]) -> str:
    number = f' _id="{row[ROW]}"' if names[0] == ROW else ""
    inner = "".join(_value(name, row[name]) for name in names if name != ROW)
    return f"<row{number}>{inner}</row>\n"


def _value(name: str, value: Any, key: str = "") -> str:
    if value is None:
        return f'<{name}{key} xsi:nil="true" />'
    if isinstance(value, list):
        inner = (_value("value", one, f" key={quoteattr(str(n))}") for n, one in enumerate(value))
        return f"<{name}{key}>{''.join(inner)}</{name}>"
    return f"<{name}{key}>{escape(_NOT_XML.sub(chr(0xFFFD), str(value)))}</{name}>"
