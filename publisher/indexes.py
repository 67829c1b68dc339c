"""Indexes that were read, kept while they are the newest of their dataset."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from publisher.index import Index

#: Rows of all indexes that are kept; a row takes about 30 bytes.
MOST_ROWS = 12_000_000


class Indexes:
    """One index for each dataset, the ones that weren't asked for longest dropped first.

    What is dropped holds no file. Safe to share between threads.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._kept: OrderedDict[str, tuple[Hashable, Index]] = OrderedDict()
        self._most_rows = most_rows
        self._lock = Lock()

    def get(self, dataset: str, key: Hashable, read: Callable[[], Index]) -> Index:
        """The index `key` of a dataset, read by `read` if it isn't kept; another one is dropped."""
        with self._lock:
            kept = self._kept.get(dataset)
            if kept is not None and kept[0] == key:
                self._kept.move_to_end(dataset)
                return kept[1]
        index = read()
        with self._lock:
            self._kept[dataset] = (key, index)
            self._kept.move_to_end(dataset)
            while len(self._kept) > 1 and self._rows() > self._most_rows:
                self._kept.popitem(last=False)
        return index

    def _rows(self) -> int:
        return sum(index.rows for _, index in self._kept.values())
