"""A release's records as rows of a datastore, and such rows as the records that they were.

A column has CKAN's (PostgreSQL's) type of the field. Amounts keep their places in `numeric`; a list
is JSON; a moment stays the text that it was, because a database would move it to another zone.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from exchange_schemas.record import canonical_column, digest_expr, parse_records
from publisher.columns import RECORD_ID
from publisher.datapackage import CANONICAL
from publisher.files import DATAPACKAGE, RECORDS
from publisher.manifest import Release

COMMITMENT = "commitment"
HELD = {RECORD_ID: pl.String, COMMITMENT: pl.String}  # hex SHA-256 of the record's line
READ = 50_000  # lines of a release at a time
_ARRAY = "jsonb"

# Type in a Table Schema → PostgreSQL's name of the column's type, and the type of a parsed column.
_TYPES: Mapping[str, tuple[str, Any]] = {
    "string": ("text", pl.String),
    "integer": ("int8", pl.Int64),
    "boolean": ("bool", pl.Boolean),
    "number": ("numeric", pl.String),
    "date": ("date", pl.String),
    "datetime": ("text", pl.String),
    "array": (_ARRAY, pl.List(pl.String)),
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: `type` is PostgreSQL's name, `title` and `note` are for people."""

    name: str
    type: str
    dtype: Any
    title: str = ""
    note: str = ""

    def as_field(self) -> dict[str, Any]:
        """As `datastore_create` takes it."""
        info = {"label": self.title, "notes": self.note}
        return {"id": self.name, "type": self.type, "info": info}


def columns_of(release: Release) -> tuple[Column, ...]:
    """The columns of a release, as its datapackage.json describes them."""
    package = json.loads((release.path / DATAPACKAGE).read_bytes())
    told = next(one for one in package["resources"] if one["path"] == CANONICAL)
    return tuple(
        Column(one["name"], *_TYPES[one["type"]], one.get("title", ""), one.get("description", ""))
        for one in told["schema"]["fields"]
    )


def commitments(release: Release, ids: pl.Series | None = None) -> pl.DataFrame:
    """`HELD` of every record of a release, or of these."""
    lines = pl.scan_lines(release.path / RECORDS, name="line").with_columns(_id_of_line())
    if ids is not None:
        lines = lines.join(pl.LazyFrame({RECORD_ID: ids}), on=RECORD_ID, how="semi")
    return lines.select(RECORD_ID, _hex(pl.col("line"))).collect(engine="streaming")


def lines_of(release: Release, ids: pl.Series) -> Iterator[pl.Series]:
    """The lines of these records, at most `READ` at a time, in the order of the release."""
    wanted = pl.LazyFrame({RECORD_ID: ids})
    for start in range(0, release.counts["records"], READ):
        lines = pl.scan_lines(release.path / RECORDS, name="line").slice(start, READ)
        found = lines.with_columns(_id_of_line()).join(wanted, on=RECORD_ID, how="semi")
        part = found.select("line").collect()["line"]
        if part.len():
            yield part


def _id_of_line() -> pl.Expr:
    # The name can't be met inside a value: there its quotes would be escaped.
    return pl.col("line").str.extract(f'"{RECORD_ID}":"([^"]*)"').alias(RECORD_ID)


def _hex(line: pl.Expr) -> pl.Expr:
    return digest_expr(line).bin.encode("hex").alias(COMMITMENT)


def as_rows(lines: pl.Series, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Lines of a release as `datastore_upsert` takes them; what a record lacks is null."""
    parsed = parse_records(lines, {one.name: one.dtype for one in columns})
    lists = [_as_json(one.name) for one in columns if one.type == _ARRAY]
    return parsed.with_columns(lists).to_dicts()


def _as_json(name: str) -> pl.Expr:
    text = pl.struct(pl.col(name).alias("v")).struct.json_encode()  # {"v":[…]}
    inner = text.str.slice(len('{"v":')).str.head(-1)
    return pl.when(pl.col(name).is_not_null()).then(inner).alias(name)


def held_of(csv: str, columns: Sequence[Column]) -> pl.DataFrame:
    """`HELD` of rows that a datastore gives as CSV, in these columns and without a header."""
    if not csv:
        return pl.DataFrame(schema=HELD)
    names = [one.name for one in columns]
    cells = pl.read_csv(
        io.BytesIO(csv.encode()), has_header=False, new_columns=names,
        schema_overrides=[pl.String] * len(names),
    )  # fmt: skip
    # PostgreSQL writes an empty text as "" and what is missing as nothing; Polars reads it so
    typed = cells.select(_typed(one) for one in columns)
    lines = canonical_column(typed, names).alias("line")
    return typed.select(RECORD_ID).with_columns(lines).select(RECORD_ID, _hex(pl.col("line")))


def _typed(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    if column.type == "int8":
        return cell.cast(pl.Int64)
    if column.type == "bool":
        return cell == "t"
    if column.type == _ARRAY:
        return cell.str.json_decode(pl.List(pl.String))
    return cell
