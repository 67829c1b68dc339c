"""records.jsonl: one canonical JSON object (RFC 8785) per line, without missing values.

Canonical, so that the same record gives the same line in every release.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exchange_schemas.record import canonical_column
from exchange_schemas.standard import Field
from publisher.columns import RECORD_ID

ROWS = 10_000  # made into text at a time, to bound memory

LINE_COLUMNS = {
    RECORD_ID: pl.String,
    "start": pl.Int64,  # byte offset of the line in the file
    "length": pl.Int64,  # bytes, without the line feed
    "hash": pl.UInt64,  # of the line; tells changed records, valid in this process only
}


def write(frame: pl.DataFrame, fields: Mapping[str, Field], path: Path) -> pl.DataFrame:
    """Write all rows and return where each line stands (`LINE_COLUMNS`); raises OSError."""
    parts = [pl.DataFrame(schema=LINE_COLUMNS)]
    with path.open("wb") as file:
        for rows in frame.iter_slices(ROWS):
            json = canonical_column(rows, fields).alias("json")
            lines = rows.select(RECORD_ID).with_columns(json)
            parts.append(_lines(lines, file.tell()))
            file.write(json.str.join("\n").item().encode() + b"\n")
    return pl.concat(parts)


def _lines(lines: pl.DataFrame, offset: int) -> pl.DataFrame:
    length = pl.col("json").str.len_bytes().cast(pl.Int64)
    start = (length + 1).cum_sum() - length - 1 + offset
    own_hash = pl.col("json").hash().alias("hash")
    return lines.select(RECORD_ID, start.alias("start"), length.alias("length"), own_hash)


def read_hashes(path: Path) -> pl.DataFrame:
    """record_id and hash of every line of a records.jsonl."""
    lines = pl.scan_lines(path, name="json")
    # The name can't be met inside a value: there its quotes would be escaped.
    record_id = pl.col("json").str.extract(f'"{RECORD_ID}":"([^"]*)"').alias(RECORD_ID)
    return lines.select(record_id, pl.col("json").hash().alias("hash")).collect()
