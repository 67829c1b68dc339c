"""records.jsonl: one canonical JSON object (RFC 8785) per line, without missing values.

Canonical, so that the same record gives the same line in every release.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.canonical import canonical_frame
from exchange_schemas.signs import Signs
from exchange_schemas.standard import Field, Standard
from publisher.formats.block import Block, block_of

NAME = "records.jsonl"
SEPARATOR = b"\n"
FOOT = b"\n"
NO_ROWS = b""


def texts(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    signs: Mapping[str, Signs] | None = None,
) -> pl.Series:
    """The line of every row, without line feed: what a record's commitment is the SHA-256 of."""
    return canonical_frame(rows.select(list(fields)), signs).alias("line")


def head(standard: Standard, fields: Mapping[str, Field]) -> bytes:
    """Nothing: a line stands by itself."""
    return b""


def block(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    lines: pl.Series,
    signs: Mapping[str, Signs] | None = None,
) -> Block:
    """The rows as they stand in the file."""
    return block_of(lines + SEPARATOR.decode(), SEPARATOR)
