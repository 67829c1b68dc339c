"""internal/rows.parquet: the content of a release as it is worked with, columns raw and in order.

Beside the release's columns it has `_commitment` (the SHA-256 of the record's line, 32 bytes) and how
many bytes the record takes in each text file, so the next release is made from it and from what
changed, without reading the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from publisher.columns import RECORD_ID, SALT

INTERNAL, ROWS = "internal", "rows.parquet"
COMMITMENT = "_commitment"
SLICE = 50_000  # rows that are worked on at a time, which bounds memory


@dataclass(frozen=True, slots=True)
class Contents:
    """The rows of one release; nothing is read until it is asked for."""

    path: Path

    @property
    def columns(self) -> pl.Schema:
        """The release's columns, without what is added for the next one."""
        schema = pl.read_parquet_schema(self.path)
        return pl.Schema({n: dtype for n, dtype in schema.items() if not n.startswith("_")})

    def read(self, *names: str) -> pl.DataFrame:
        """Some columns of all rows."""
        return pl.scan_parquet(self.path).select(names).collect()

    @property
    def height(self) -> int:
        """How many rows there are."""
        return int(pl.scan_parquet(self.path).select(pl.len()).collect().item())

    def slices(self, rows: int = SLICE) -> Iterator[pl.DataFrame]:
        """All columns, some rows at a time."""
        for first in range(0, self.height, rows):
            yield self.part(first, rows)

    def part(self, first: int, rows: int) -> pl.DataFrame:
        """All columns of `rows` rows from row `first` on."""
        return pl.scan_parquet(self.path).slice(first, rows).collect()

    def of(self, ids: pl.Series) -> pl.DataFrame:
        """All columns of the records with these ids, and `_row`, their places."""
        wanted = pl.col(RECORD_ID).is_in(ids.implode())
        return pl.scan_parquet(self.path).with_row_index("_row").filter(wanted).collect()


def contents_of(release: Path) -> Contents:
    """The rows of the release in the folder `release`."""
    return Contents(release / INTERNAL / ROWS)


def content_hash(rows: pl.DataFrame) -> pl.DataFrame:
    """record_id, and `_hash` of all other columns but the salt; to be compared in one process."""
    names = [n for n in rows.columns if n not in (RECORD_ID, SALT) and not n.startswith("_")]
    hashed = rows.select(names).hash_rows() if names else pl.repeat(0, rows.height, eager=True)
    return rows.select(RECORD_ID).with_columns(hashed.alias("_hash"))
