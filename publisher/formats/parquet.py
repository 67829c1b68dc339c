"""records.parquet: columns with types, for analysis.

Dates are dates and lists are lists. Amounts are exact decimals with six places, which is what the
standards allow, or more where a value has more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Field

ROWS = 50_000  # per row group, so that a reader of one column needs little memory
PLACES = 6


def write(frame: pl.DataFrame, fields: Mapping[str, Field], path: Path) -> None:
    """Write all rows; raises OSError or polars.exceptions.ComputeError when the disk is full."""
    cells = [_typed(frame, name, field) for name, field in fields.items()]
    frame.lazy().select(cells).sink_parquet(path, compression="zstd", row_group_size=ROWS)


def _typed(frame: pl.DataFrame, name: str, field: Field) -> pl.Expr:
    if field.kind == "date":
        return pl.col(name).str.to_date("%Y-%m-%d", strict=True)
    if field.kind == "decimal":
        return pl.col(name).cast(pl.Decimal(38, _places(frame[name])), strict=True)
    return pl.col(name)


def _places(amounts: pl.Series) -> int:
    lengths = amounts.str.extract(r"\.(\d+)$").str.len_chars()
    places: int = max(PLACES, 0, *lengths.drop_nulls().unique())
    return places
