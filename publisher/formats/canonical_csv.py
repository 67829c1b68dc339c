"""records.csv: RFC 4180, UTF-8 without BOM, every value byte for byte as it is.

The header has the field names. A missing value is an empty cell and an empty text a quoted empty
cell. A list is a JSON array, as Table Schema asks of its `array` type, so that no separator can
be mistaken for a part of an item.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.signs import Signs, signs_of_columns
from exchange_schemas.standard import Field, Standard
from publisher.formats.block import Block, block_of
from publisher.formats.csv_cells import END, quoted, row

NAME = "records.csv"
SEPARATOR = FOOT = END.encode()
NO_ROWS = b""


def head(standard: Standard, fields: Mapping[str, Field]) -> bytes:
    """The header, with its end of line."""
    return ",".join(fields).encode() + SEPARATOR


def block(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    lines: pl.Series,
    signs: Mapping[str, Signs] | None = None,
) -> Block:
    """The rows as they stand in the file."""
    known = signs or signs_of_columns(rows)
    cells = [_cell(field, known.get(name)) for name, field in fields.items()]
    return block_of(rows.select(row(cells)).to_series(), SEPARATOR)


def _cell(field: Field, signs: Signs | None) -> pl.Expr:
    if field.kind in ("integer", "boolean"):
        return pl.col(field.name).cast(pl.String).fill_null("")
    if field.kind == "list":
        return quoted(_array(field.name))
    return quoted(pl.col(field.name), signs)


def _array(name: str) -> pl.Expr:
    # Polars writes JSON of structs only: take the value out of {"name":value}.
    text = pl.struct(name).struct.json_encode()
    inside = text.str.slice(len(name) + 4, text.str.len_chars() - len(name) - 5)
    return pl.when(pl.col(name).is_not_null()).then(inside).alias(name)
