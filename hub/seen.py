"""The keys of a delivery: finds rows that say the same key again, across batches."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exchange_schemas.batch import LINE
from exchange_schemas.issue import ISSUE_COLUMNS, empty_issues
from hub.kept import own

Hashes = NDArray[np.uint64]


@dataclass(slots=True)
class Seen:
    """Every key so far with its line and digest, and sorted 64-bit hashes to ask quickly.

    A hash only says "perhaps": rows that may repeat are compared by their keys themselves.
    """

    rows: list[pl.DataFrame] = field(default_factory=list)  # _line, _key, _digest
    hashes: list[Hashes] = field(default_factory=list)

    def take(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows whose key is new, and issues for the others.

        The first row of a key stands. Issues: row_duplicate where the content is the same,
        key_duplicate where it differs.
        """
        hashes = np.sort(rows["_key"].hash().to_numpy())
        perhaps = bool((hashes[1:] == hashes[:-1]).any()) or self._knows_any(hashes)
        kept, issues = self._split(rows) if perhaps else (rows, empty_issues())
        self.rows.append(own(kept.select(LINE, "_key", "_digest")))
        self._remember(hashes)
        return kept, issues

    def keys(self) -> pl.Series:
        """Every key that was taken."""
        return (
            pl.concat([r["_key"] for r in self.rows])
            if self.rows
            else pl.Series([], dtype=pl.String)
        )

    def _knows_any(self, hashes: Hashes) -> bool:
        for known in self.hashes:
            place = np.searchsorted(known, hashes)
            if (known[np.minimum(place, known.size - 1)] == hashes).any():
                return True
        return False

    def _remember(self, hashes: Hashes) -> None:
        # Merging equals keeps the number of arrays logarithmic in the number of batches.
        while self.hashes and self.hashes[-1].size <= hashes.size:
            hashes = np.sort(np.concatenate([self.hashes.pop(), hashes]))
        if hashes.size:
            self.hashes.append(hashes)

    def _split(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        columns = [LINE, "_key", "_digest"]
        first = pl.concat([*self.rows, rows.select(columns)]).unique("_key", keep="first")
        repeats = rows.join(
            first.rename({LINE: "first", "_digest": "old"}), on="_key", how="left"
        ).filter(pl.col(LINE) != pl.col("first"))
        same = pl.col("_digest") == pl.col("old")
        issues = repeats.select(
            line=LINE,
            field=pl.lit(None, pl.String),
            code=pl.when(same).then(pl.lit("row_duplicate")).otherwise(pl.lit("key_duplicate")),
            value="_key",
            params=pl.struct(pl.col("first").cast(pl.String)).struct.json_encode(),
        ).cast(ISSUE_COLUMNS)
        return rows.filter(~pl.col(LINE).is_in(repeats[LINE].implode())), issues
