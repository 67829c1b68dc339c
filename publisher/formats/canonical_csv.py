"""records.csv: RFC 4180, UTF-8 without BOM, every value byte for byte as it is.

The header has the field names. A missing value is an empty cell and an empty text a quoted empty
cell. A list is a JSON array, as Table Schema asks of its `array` type, so that no separator can
be mistaken for a part of an item.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Field


def write(frame: pl.DataFrame, fields: Mapping[str, Field], path: Path) -> None:
    """Write all rows; raises OSError."""
    cells = [_array(name) if f.kind == "list" else pl.col(name) for name, f in fields.items()]
    # Streamed: no second copy of all the text is made.
    frame.lazy().select(cells).sink_csv(path, line_terminator="\r\n")


def _array(name: str) -> pl.Expr:
    # Polars writes JSON of structs only: take the value out of {"name":value}.
    text = pl.struct(name).struct.json_encode()
    inside = text.str.slice(len(name) + 4, text.str.len_chars() - len(name) - 5)
    return pl.when(pl.col(name).is_not_null()).then(inside).alias(name)
