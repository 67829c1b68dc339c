"""Canonical JSON of whole columns: RFC 8785 of every row without its null fields.

A field's piece of text is `"name":value`, null where the field is; a row is its pieces joined. That
is three times faster than encoding structs and cutting their nulls out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
import polars as pl

from exchange_schemas.pieces import Part, joined
from exchange_schemas.signs import CONTROL, Signs, signs_of_columns

_ESCAPED = ('"', "\\", CONTROL)  # RFC 8259: all that can't stand in a string as it is


def canonical_frame(rows: pl.DataFrame, signs: Mapping[str, Signs] | None = None) -> pl.Series:
    """Canonical JSON (String) of every row of `rows`, whose columns are the record's fields.

    `signs` are those of its String columns, where they are known already.
    """
    nulls = {column.name: column.null_count() for column in rows.iter_columns()}
    present = sorted(name for name, count in nulls.items() if count < rows.height)
    if not present:
        return pl.repeat("{}", rows.height, dtype=pl.String, eager=True)
    known = signs or signs_of_columns(rows)
    types = rows.schema
    pieces = [_Piece(n, _mark(types[n], known.get(n)), bool(nulls[n])) for n in present]
    return rows.select(_object(pieces)).to_series()


def _object(pieces: list[_Piece]) -> pl.Expr:
    """The pieces as an object: a comma follows what stands before one that is never null, and leads
    what stands after it."""
    always = next((at for at, piece in enumerate(pieces) if not piece.nullable), None)
    if always is None:
        parts = [part for piece in pieces for part in piece.parts(after=",")]
        text = joined(["{", *parts])
        return pl.concat_str(text.str.strip_suffix(","), pl.lit("}"))
    parts = [part for piece in pieces[:always] for part in piece.parts(after=",")]
    parts += pieces[always].parts()
    parts += [part for piece in pieces[always + 1 :] for part in piece.parts(before=",")]
    return joined(["{", *parts, "}"])


def _mark(dtype: pl.DataType, signs: Signs | None) -> str | None:
    """What stands around the values of a column as they are: numbers, Booleans, and strings of plain
    characters. None: they must be encoded."""
    if dtype in (pl.Int64, pl.Boolean):
        return ""
    return '"' if signs is not None and not signs.any_of(_ESCAPED) else None


@dataclass(frozen=True, slots=True)
class _Piece:
    """`mark` stands around a plain value; None asks for one that must be encoded."""

    name: str
    mark: str | None
    nullable: bool

    def parts(self, before: str = "", after: str = "") -> list[Part]:
        """`"name":value` between two texts; nothing where the value is null."""
        value = pl.col(self.name)
        if self.mark is None:
            alone = pl.struct(value).struct.json_encode()
            alone = alone.str.strip_prefix("{").str.strip_suffix("}")
            piece = pl.concat_str(pl.lit(before), alone, pl.lit(after))
            return [pl.when(value.is_not_null()).then(piece) if self.nullable else piece]
        before += f"{orjson.dumps(self.name).decode()}:{self.mark}"
        after = self.mark + after
        if self.nullable:  # adding is three times faster here than concat_str
            return [pl.lit(before) + value.cast(pl.String) + pl.lit(after)]
        return [before, value, after]
