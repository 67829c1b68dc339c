"""A set of keys in eight bytes each: millions of them stay in memory.

Two of ten million keys have the same 64-bit hash with a chance of 3 in a million. Who asks must be
able to live with that, or look at the keys themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

LARGEST = 1 << 20  # hashes of one array: merging larger ones would double the memory for a moment


def hashes_of(keys: pl.Series) -> Hashes:
    """The 64-bit hashes of some texts or bytes; the same within this process."""
    return keys.hash().to_numpy()


@dataclass(slots=True)
class KeyHashes:
    """Sorted arrays of hashes, each with a number of 32 bits beside it (0 unless given)."""

    arrays: list[tuple[Hashes, NDArray[np.uint32]]] = field(default_factory=list)

    def add(self, hashes: Hashes, mark: int = 0) -> None:
        """Take hashes in, with `mark` beside each."""
        if not hashes.size:
            return
        ordered = np.sort(hashes)
        marks = np.full(ordered.size, mark, dtype=np.uint32)
        # Merging equals keeps the number of arrays logarithmic in the number of batches.
        while self.arrays and self.arrays[-1][0].size <= ordered.size < LARGEST:
            ordered, marks = _merged(self.arrays.pop(), (ordered, marks))
        self.arrays.append((ordered, marks))

    def has(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Which of these are in the set."""
        found = np.zeros(hashes.size, dtype=np.bool_)
        for known, _ in self.arrays:
            found |= known[_places(known, hashes)] == hashes
        return found

    def marks_of(self, hashes: Hashes) -> list[int]:
        """The marks beside these hashes, each once."""
        marks: set[int] = set()
        wanted = np.unique(hashes)
        for known, beside in self.arrays:
            first = np.searchsorted(known, wanted, side="left")
            last = np.searchsorted(known, wanted, side="right")
            for start, end in zip(first[first < last], last[first < last], strict=True):
                marks.update(beside[start:end].tolist())
        return sorted(marks)


def _places(known: Hashes, hashes: Hashes) -> NDArray[np.intp]:
    return np.minimum(np.searchsorted(known, hashes), known.size - 1)


def _merged(
    one: tuple[Hashes, NDArray[np.uint32]], other: tuple[Hashes, NDArray[np.uint32]]
) -> tuple[Hashes, NDArray[np.uint32]]:
    hashes = np.concatenate([one[0], other[0]])
    order = np.argsort(hashes, kind="stable")  # of two sorted halves: it merges
    return hashes[order], np.concatenate([one[1], other[1]])[order]


def key_hashes(parts: Iterable[pl.Series]) -> KeyHashes:
    """The hashes of all keys in `parts`."""
    found = KeyHashes()
    for keys in parts:
        found.add(hashes_of(keys))
    return found


def missing(frames: Iterator[pl.DataFrame], delivered: Iterable[KeyHashes]) -> pl.Series:
    """The `key`s in the frames that are in none of the sets."""
    sets, parts = list(delivered), [pl.Series("key", [], dtype=pl.String)]
    for frame in frames:
        hashes = hashes_of(frame["key"])
        known = np.zeros(hashes.size, dtype=np.bool_)
        for one in sets:
            known |= one.has(hashes)
        parts.append(frame["key"].filter(pl.Series(~known)))
    return pl.concat(parts)
