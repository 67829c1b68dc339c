"""Canonical JSON of whole columns: RFC 8785 of every row without its null fields.

A field's piece of text is `"name":value,`, null where the field is; a row is its pieces joined. That
is three times faster than encoding structs and cutting their nulls out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import orjson
import polars as pl

_ESCAPED = ['"', "\\", *map(chr, range(32))]  # RFC 8259: all that can't stand in a string as it is

Part = str | pl.Expr


def canonical_frame(rows: pl.DataFrame) -> pl.Series:
    """Canonical JSON (String) of every row of `rows`, whose columns are the record's fields."""
    nulls = rows.null_count().row(0, named=True) if rows.width else {}
    present = sorted(name for name, count in nulls.items() if count < rows.height)
    if not present:
        return pl.repeat("{}", rows.height, dtype=pl.String, eager=True)
    plain = _plain(rows.select(present))
    marks = {n: '"' if rows.schema[n] == pl.String else "" for n in plain}
    parts = [part for n in present for part in _parts(n, marks.get(n), bool(nulls[n]))]
    text = pl.concat_str(list(_joined(["{", *parts])), ignore_nulls=True)
    closed = pl.concat_str(text.str.strip_suffix(","), pl.lit("}"))
    return rows.select(closed).to_series()


def _plain(rows: pl.DataFrame) -> set[str]:
    """Columns whose values need no escape: numbers, Booleans, and strings of plain characters."""
    texts = rows.select(pl.col(pl.String))
    escaped = texts.select(pl.all().str.contains_any(_ESCAPED).any()).to_dicts() or [{}]
    others = rows.select(pl.col(pl.Int64, pl.Boolean)).columns
    return {*others, *(name for name, found in escaped[0].items() if not found)}


def _parts(name: str, mark: str | None, nullable: bool) -> list[Part]:
    """`mark` stands around a plain value; None asks for one that must be encoded."""
    value = pl.col(name)
    if mark is None:
        alone = pl.struct(value).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")
        piece = pl.concat_str(alone, pl.lit(","))
        return [pl.when(value.is_not_null()).then(piece) if nullable else piece]
    before, after = f"{orjson.dumps(name).decode()}:{mark}", f"{mark},"
    if nullable:  # adding is three times faster here than concat_str
        return [pl.lit(before) + value.cast(pl.String) + pl.lit(after)]
    return [before, value, after]


def _joined(parts: list[Part]) -> Iterator[pl.Expr]:
    """The parts as expressions, neighbouring texts in one."""
    for is_text, run in groupby(parts, key=lambda part: isinstance(part, str)):
        if is_text:
            yield pl.lit("".join(part for part in run if isinstance(part, str)))
        else:
            yield from (part for part in run if isinstance(part, pl.Expr))
