"""The keys of a delivery: finds rows that say the same key again, across batches."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exchange_schemas.batch import LINE
from exchange_schemas.issue import ISSUE_COLUMNS, empty_issues
from hub.kept import own
from hub.key_hashes import Hashes, KeyHashes, hashes_of

IN_MEMORY = 200_000  # rows that are kept in memory; those of a larger delivery go to a file


@dataclass(slots=True)
class Seen:
    """Every key so far: as a hash in memory, and with its line and digest where they are kept.

    A hash only says "perhaps": rows that may repeat are compared by their keys themselves.
    """

    keys: KeyHashes = field(default_factory=KeyHashes)
    _kept: list[pl.DataFrame | Path] = field(default_factory=list)  # _line, _key, _digest
    _rows: int = 0
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def take(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows whose key is new, and issues for the others.

        The first row of a key stands. Issues: row_duplicate where the content is the same,
        key_duplicate where it differs.
        """
        hashes = hashes_of(rows["_key"])
        perhaps = self.keys.has(hashes) | _twice(hashes)
        kept, issues = rows, empty_issues()
        if perhaps.any():
            kept, issues = self._split(rows, hashes, perhaps)
        if kept.height:
            self._keep(kept.select(LINE, "_key", "_digest"))
            self.keys.add(hashes_of(kept["_key"]), len(self._kept) - 1)
        return kept, issues

    def _keep(self, rows: pl.DataFrame) -> None:
        self._rows += rows.height
        if self._rows <= IN_MEMORY:
            self._kept.append(own(rows))
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="hub-seen-")
        path = Path(self._folder.name) / str(len(self._kept))
        rows.write_ipc_stream(path)
        self._kept.append(path)

    def _earlier(self, hashes: Hashes) -> Iterable[pl.DataFrame]:
        """The kept rows among which those of these hashes are."""
        for number in self.keys.marks_of(hashes):
            kept = self._kept[number]
            yield kept if isinstance(kept, pl.DataFrame) else pl.read_ipc_stream(kept)

    def _split(
        self, rows: pl.DataFrame, hashes: Hashes, perhaps: NDArray[np.bool_]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        asked = rows.filter(pl.Series(perhaps)).select(LINE, "_key", "_digest")
        parts = self._earlier(hashes[perhaps])
        earlier = [part.join(asked, on="_key", how="semi") for part in parts]
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


def _twice(hashes: Hashes) -> NDArray[np.bool_]:
    """Which of these another one equals."""
    ordered = np.sort(hashes)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.isin(hashes, twice) if twice.size else np.zeros(hashes.size, dtype=np.bool_)
