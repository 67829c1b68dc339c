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
        hashes = rows["_key"].hash().to_numpy()
        perhaps = self._perhaps(hashes)
        kept, issues = self._split(rows, perhaps) if perhaps.any() else (rows, empty_issues())
        self.rows.append(own(kept.select(LINE, "_key", "_digest")))
        self._remember(np.sort(hashes))
        return kept, issues

    def keys(self) -> pl.Series:
        """Every key that was taken."""
        return (
            pl.concat([r["_key"] for r in self.rows])
            if self.rows
            else pl.Series([], dtype=pl.String)
        )

    def _perhaps(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Which rows have a hash that an earlier row has, or another row of this batch."""
        ordered = np.sort(hashes)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        found = np.isin(hashes, twice) if twice.size else np.zeros(hashes.size, dtype=np.bool_)
        for known in self.hashes:
            place = np.minimum(np.searchsorted(known, hashes), known.size - 1)
            found |= known[place] == hashes
        return found

    def _remember(self, hashes: Hashes) -> None:
        # Merging equals keeps the number of arrays logarithmic in the number of batches.
        while self.hashes and self.hashes[-1].size <= hashes.size:
            hashes = np.sort(np.concatenate([self.hashes.pop(), hashes]))
        if hashes.size:
            self.hashes.append(hashes)

    def _split(
        self, rows: pl.DataFrame, perhaps: NDArray[np.bool_]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        columns = [LINE, "_key", "_digest"]
        asked = rows.filter(pl.Series(perhaps)).select(columns)
        earlier = [part.join(asked, on="_key", how="semi") for part in self.rows]
        first = pl.concat([*earlier, asked]).unique("_key", keep="first", maintain_order=True)
        repeats = asked.join(
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
