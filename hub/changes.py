"""The change set of a run: what it would add, change and remove, against the ledger's heads."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

HEAD_COLUMNS = pl.Schema({"key": pl.String, "digest": pl.Binary, "feed_id": pl.Int64})


@dataclass(slots=True)
class ChangeSet:
    """Grows by `compare`. `heads` has `HEAD_COLUMNS`: the dataset's records now, of all feeds.

    `parts` are the rows that differ from the heads, batch by batch: key, digest, json. `gone` are
    keys to be deleted; they are known once the whole delivery has been read.
    """

    heads: pl.DataFrame
    feed_id: int
    parts: list[pl.DataFrame] = field(default_factory=list)
    gone: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def compare(self, rows: pl.DataFrame) -> None:
        """Take the rows of one batch (`_key`, `_digest`, `_json`); no key comes twice."""
        keyed = rows.select(key="_key", digest="_digest", json="_json").join(
            self.heads.select("key", old="digest"), on="key", how="left", maintain_order="left"
        )
        new = int(keyed["old"].null_count())
        differing = keyed.filter(pl.col("old").ne_missing(pl.col("digest")))
        self.added += new
        self.changed += differing.height - new
        self.unchanged += keyed.height - differing.height
        if differing.height:
            self.parts.append(differing.select("key", "digest", "json"))

    def missing_from(self, delivered: pl.Series) -> pl.Series:
        """Keys that this feed said last and that aren't among the delivered ones."""
        mine = self.heads.filter(pl.col("feed_id") == self.feed_id)["key"]
        return mine.filter(~mine.is_in(delivered.implode()))

    @property
    def mine(self) -> int:
        """How many of the dataset's records are this feed's."""
        return int((self.heads["feed_id"] == self.feed_id).sum())
