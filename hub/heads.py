"""What a dataset's ledger holds now, as a run needs it: sixteen bytes for each record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from hub.key_hashes import Hashes, KeyHashes, hashes_of, missing

HEAD_COLUMNS = pl.Schema({"key": pl.String, "digest": pl.Binary, "feed_id": pl.Int64})

Scan = Callable[[], Iterator[pl.DataFrame]]


@dataclass(slots=True)
class Heads:
    """The records of all feeds. `scan` gives them again, in frames of `HEAD_COLUMNS`.

    Keys and digests are kept as 64-bit hashes. Another key with the same hash would make an added
    record count as changed; content that differs counts as unchanged with a chance of 2^-64.
    """

    scan: Scan
    mine: int = 0  # the feed whose records are looked for
    matched: int = 0  # how many of them were found among the rows that were looked at
    owners: dict[int, int] = field(default_factory=dict)  # feed → how many records are its own
    # hashes of keys, sorted; of digests; whether they are the feed's
    _arrays: list[tuple[Hashes, Hashes, NDArray[np.bool_]]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many records the dataset has."""
        return sum(self.owners.values())

    def take(self, frame: pl.DataFrame) -> None:
        """Take some heads in."""
        if frame.is_empty():
            return
        for feed, count in frame["feed_id"].value_counts().iter_rows():
            self.owners[feed] = self.owners.get(feed, 0) + count
        keys = hashes_of(frame["key"])
        order = np.argsort(keys)
        own = (frame["feed_id"] == self.mine).to_numpy()
        self._arrays.append((keys[order], hashes_of(frame["digest"])[order], own[order]))

    def look(self, rows: pl.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For rows with `_key` and `_digest`: which are known, and which of them are unchanged."""
        keys, digests = hashes_of(rows["_key"]), hashes_of(rows["_digest"])
        known = np.zeros(keys.size, dtype=np.bool_)
        same = np.zeros(keys.size, dtype=np.bool_)
        for held, contents, own in self._arrays:
            place = np.minimum(np.searchsorted(held, keys), held.size - 1)
            here = held[place] == keys
            known |= here
            same |= here & (contents[place] == digests)
            self.matched += int((here & own[place]).sum())
        return known, same

    def missing(self, delivered: Iterable[KeyHashes]) -> pl.Series:
        """Keys of the feed's records that aren't among the delivered ones.

        Where every one of them was looked at, as in most runs, nothing has to be read again.
        """
        if self.matched >= self.owners.get(self.mine, 0):
            return pl.Series("key", [], dtype=pl.String)
        mine = (frame.filter(pl.col("feed_id") == self.mine) for frame in self.scan())
        return missing(mine, delivered)


def read_heads(scan: Scan, mine: int = 0) -> Heads:
    """The heads that `scan` gives; `mine` is the feed that asks."""
    heads = Heads(scan, mine)
    for frame in scan():
        heads.take(frame)
    return heads


def heads_of(frame: pl.DataFrame, mine: int = 0) -> Heads:
    """The heads in one frame (`HEAD_COLUMNS`)."""
    return read_heads(lambda: iter([frame]), mine)


def no_heads() -> Heads:
    """Of a dataset that has no records."""
    return Heads(lambda: iter(()))
