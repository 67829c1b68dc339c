"""What the reference consumer asks of a place that keeps entries; there are files and SQL tables.

A store holds one dataset's stream, or its translation into one version of the standard. `keep` is all
or nothing: after a crash at any moment the store has the whole batch and the place behind it, or
neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from hub.consume.batch import Batch
from hub.consume.receipts import Receipt, Waiting
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes


@dataclass(frozen=True, slots=True)
class Place:
    """How far a store is: the tree over all that it holds, and the checkpoint that it was last found
    to agree with, a signed note."""

    frontier: Frontier
    checkpoint: str | None

    @property
    def last(self) -> int:
        """The last entry's number, 0 at first."""
        return self.frontier.size


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What stood at entry `seq`: lines as NDJSON and as columns (`ENTRY_COLUMNS`), and the tree.

    `rest` are the leaves, (seq, 32), of all other entries, and zeros for those of the snapshot.
    """

    seq: int
    body: bytes = field(repr=False)
    entries: pl.DataFrame = field(repr=False)
    rest: Hashes = field(repr=False)
    frontier: Frontier = field(repr=False)


class Store(Protocol):
    """A place of entries."""

    @property
    def name(self) -> str:
        """Where it is, for people."""

    def receiving(self) -> AbstractContextManager[None]:
        """Keep other processes out; raises Refused (receiving_busy)."""

    def place(self) -> Place:
        """How far it is; raises Corrupt where that can't be said."""

    def keep(self, batch: Batch, frontier: Frontier, receipts: Sequence[Receipt]) -> None:
        """Add a batch that begins behind the last entry, with the tree that it makes."""

    def begin(self, snapshot: Snapshot, receipts: Sequence[Receipt]) -> None:
        """Begin, while nothing is held, with a snapshot in place of the entries up to its number."""

    def confirm(self, note: str) -> None:
        """Keep the checkpoint that the held entries were found to agree with."""

    def waiting(self) -> list[Waiting]:
        """Receipts that the hub hasn't acknowledged, in order."""

    def acknowledged(self, places: Iterable[str]) -> None:
        """The hub has these."""

    def leaves(self) -> Hashes:
        """The leaves, (n, 32), of what is really held, computed anew; zeros where something is lost."""

    def leaves_near(self, seqs: Sequence[int]) -> Iterator[tuple[int, Hashes]]:
        """As `leaves`, of the entries with these numbers (rising) alone: (number of the first,
        leaves) of each run."""

    def replace(self, body: bytes) -> None:
        """Put these entries (NDJSON) in the place of those with their numbers."""

    def settle(self, frontier: Frontier) -> None:
        """Work out anew what follows from the entries, such as what is current; `frontier` is the tree
        over them, found to be the hub's."""

    def erase(self, notice: int, keys: Sequence[str], seqs: Sequence[int]) -> list[int]:
        """Erase content and salt of the entries of these records, and of those with these numbers,
        and leave their commitments; queue the receipts, once for a notice. Returns the numbers."""


class KeyStore(Protocol):
    """Where the hub's keys are remembered, once for all datasets."""

    def keys(self) -> list[dict[str, Any]]:
        """What was kept, as in keys.json."""

    def keep_keys(self, keys: list[dict[str, Any]]) -> None:
        """Remember these in the place of those before."""
