"""records.parquet: columns with types, for analysis.

Dates are dates and lists are lists. Amounts are exact decimals with six places, which is what the
standards allow, or more where a value has more.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypedDict

import polars as pl

from exchange_schemas.standard import Field


class Compression(TypedDict, total=False):
    """What Polars' writer wants to know."""

    compression: Literal["zstd", "lz4"]
    compression_level: int


NAME = "records.parquet"
ROWS = 50_000  # per row group, so that a reader of one column needs little memory
PLACES = 6
_MORE = rf"\.\d{{{PLACES + 1}}}"
# A tenth less work than Polars' own level, for two hundredths of the size.
COMPRESSION: Compression = {"compression": "zstd", "compression_level": 1}


def schema(fields: Mapping[str, Field]) -> pl.Schema:
    """The columns of the file, where no amount has more than `PLACES`."""
    raw = pl.LazyFrame(schema={name: field.dtype for name, field in fields.items()})
    return raw.select(_cells(fields, {})).collect_schema()


def typed(rows: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame | None:
    """The raw columns with their types; None where an amount has more than `PLACES`."""
    amounts = [name for name, field in fields.items() if field.kind == "decimal"]
    more = rows.select(pl.col(amounts).str.contains(_MORE).any()).row(0) if amounts else ()
    return None if any(more) else rows.select(_cells(fields, {}))


def write_typed(rows: pl.LazyFrame, fields: Mapping[str, Field], path: Path) -> None:
    """Write all rows of the raw columns, streamed; raises OSError, or polars.exceptions.ComputeError when the
    disk is full."""
    amounts = [name for name, field in fields.items() if field.kind == "decimal"]
    places = rows.select(_places(name) for name in amounts).collect().to_dicts()
    cells = _cells(fields, (places or [{}])[0])
    rows.select(cells).sink_parquet(path, row_group_size=ROWS, **COMPRESSION)


def _cells(fields: Mapping[str, Field], places: Mapping[str, int | None]) -> list[pl.Expr]:
    return [_typed(name, field, places.get(name)) for name, field in fields.items()]


def _typed(name: str, field: Field, places: int | None) -> pl.Expr:
    if field.kind == "date":
        return pl.col(name).str.to_date("%Y-%m-%d", strict=True)
    if field.kind == "decimal":
        return pl.col(name).cast(pl.Decimal(38, max(PLACES, places or 0)), strict=True)
    return pl.col(name)


def _places(name: str) -> pl.Expr:
    return pl.col(name).str.extract(r"\.(\d+)$").str.len_chars().max()
