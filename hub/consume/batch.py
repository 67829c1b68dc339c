"""A batch: consecutive entries that were received, checked, and are to be kept whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.entry_lines import REFUSED, check_entries, read_lines
from hub.tree.hashing import HASH, Hashes, hashes_of, leaf_hashes

#: What `leaf_hashes` takes.
LEAF_COLUMNS = (
    "seq",
    "operation",
    "key",
    "recorded_at",
    "standard",
    "salt",
    "record",
    "commitment",
    "was",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries `first` … `last`: their lines as received, as columns, and their leaves (n, 32)."""

    first: int
    last: int
    body: bytes = field(repr=False)
    entries: pl.DataFrame = field(repr=False)
    leaves: Hashes = field(repr=False)

    @property
    def untranslated(self) -> int:
        """How many entries the hub couldn't give in the version that was asked for."""
        return int((self.entries["operation"] == REFUSED).sum())

    def behind(self, seq: int) -> Batch:
        """The part after `seq`, which lies in this batch."""
        if seq < self.first:
            return self
        drop = seq - self.first + 1
        rest = self.entries.slice(drop)
        body = (rest["line"].str.join("\n").item() + "\n").encode()
        return Batch(seq + 1, self.last, body, rest, self.leaves[drop:])


def checked_batch(
    dataset: str, body: bytes, after: int, last: int, *, native: bool = True
) -> Batch:
    """The entries after `after` up to `last`, each checked by itself (see `check_entries`).

    Raises Corrupt: also page_incomplete, where they end before or after `last`.
    """
    entries = read_lines(dataset, body)
    follows = pl.int_range(after + 1, after + 1 + pl.len(), dtype=pl.Int64)
    check_entries(dataset, entries, follows, native=native)
    if after + entries.height != last or (body and not body.endswith(b"\n")):
        words = {"dataset": dataset, "expected": str(last)}
        raise Corrupt(Issue("page_incomplete", value=str(after + entries.height), params=words))
    return Batch(after + 1, last, body, entries, leaves_of(entries, native=native))


def leaves_of(entries: pl.DataFrame, *, native: bool) -> Hashes:
    """The leaves (n, 32) of checked entries; those of a version asked for have theirs told by the
    hub, because they commit to the record as it is kept there."""
    if native:
        return leaf_hashes(entries.select(LEAF_COLUMNS))
    known = entries["leaf"].is_not_null()
    told = b"".join(entries.filter(known)["leaf"].str.decode("hex").to_list())
    found = np.empty((entries.height, HASH), np.uint8)
    found[known.to_numpy()] = hashes_of(told)
    found[~known.to_numpy()] = leaf_hashes(entries.filter(~known).select(LEAF_COLUMNS))
    return found
