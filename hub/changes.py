"""The change set of a run: what it would add, change and remove, against the ledger's heads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from hub.heads import Heads
from hub.key_hashes import KeyHashes


@dataclass(slots=True)
class ChangeSet:
    """Grows by `compare`. `heads` are the dataset's records now, of all feeds.

    `parts` are the rows that differ from the heads, batch by batch: key, digest, json. `gone` are
    keys to be deleted; they are known once the whole delivery has been read.
    """

    heads: Heads
    feed_id: int
    parts: list[pl.DataFrame] = field(default_factory=list)
    gone: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    added: int = 0
    changed: int = 0
    unchanged: int = 0

    def compare(self, rows: pl.DataFrame) -> None:
        """Take the rows of one batch (`_key`, `_digest`, `_json`); no key comes twice."""
        known, same = self.heads.look(rows)
        unchanged = int(same.sum())
        self.unchanged += unchanged
        self.changed += int(known.sum()) - unchanged
        self.added += rows.height - int(known.sum())
        if unchanged < rows.height:
            differing = rows.select(key="_key", digest="_digest", json="_json")
            self.parts.append(differing.filter(pl.Series(~same)))

    def missing_from(self, *delivered: KeyHashes) -> pl.Series:
        """Keys that this feed said last and that aren't among the delivered ones."""
        return self.heads.missing(_filled(delivered))

    @property
    def mine(self) -> int:
        """How many of the dataset's records were this feed's when the run began."""
        return self.heads.owners.get(self.feed_id, 0)


def _filled(sets: Iterable[KeyHashes]) -> list[KeyHashes]:
    return [one for one in sets if one.arrays]
