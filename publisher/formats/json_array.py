"""records.json: the objects of records.jsonl as one JSON array, an object per line."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.signs import Signs
from exchange_schemas.standard import Field, Standard
from publisher.formats.block import Block, block_of

NAME = "records.json"
SEPARATOR = b",\n"
FOOT = b"\n]\n"
NO_ROWS = b"]\n"


def head(standard: Standard, fields: Mapping[str, Field]) -> bytes:
    """The beginning of the array."""
    return b"[\n"


def block(
    rows: pl.DataFrame,
    fields: Mapping[str, Field],
    lines: pl.Series,
    signs: Mapping[str, Signs] | None = None,
) -> Block:
    """The rows as they stand in the file."""
    return block_of(lines + SEPARATOR.decode(), SEPARATOR)
