"""Reconciliation: whether a copy is still what the hub has signed, and repair of just what isn't.

The copy's leaves are computed anew from what it really holds. Where the root is another than the hub's,
the tree is walked down to the entries that differ, and these alone are fetched, proven and put in
place (docs/proofs-of-exchange.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import numpy as np

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub, again
from hub.consume.batch import Batch, checked_batch
from hub.consume.proving import Proven, fetch_checkpoint
from hub.consume.store import Store
from hub.consume.tree_walk import Differing, OwnTree, differing
from hub.consume.trust import HubKey
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes
from hub.tree.tiles import Tile

MOST = 5_000  # entries asked for at a time
AT_ONCE = 50_000  # entries that a store is given at a time, about


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reconciliation found of `size` entries.

    `differing` are the sequence numbers of entries that were changed or missing, `repaired` how many of
    them are right again; `surplus` is how many entries the copy has behind `size`, which the hub
    doesn't know. `transferred_bytes` are bodies and headers of all answers; `hashing_seconds` the part
    of `seconds` in which the copy was read and hashed.
    """

    dataset: str
    size: int
    differing: tuple[int, ...]
    repaired: int
    surplus: int
    requests: int
    transferred_bytes: int
    hashing_seconds: float
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return {name: getattr(self, name) for name in self.__slots__}


class _Counted:
    """The hub, asked through a count of requests and bytes."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.requests = self.received = 0

    def __enter__(self) -> _Counted:
        self._hub.client.event_hooks["response"].append(self._count)
        return self

    def __exit__(self, *_: object) -> None:
        hooks = self._hub.client.event_hooks
        hooks["response"] = [one for one in hooks["response"] if one != self._count]

    def _count(self, response: httpx.Response) -> None:
        response.read()
        headers = sum(len(name) + len(value) + 4 for name, value in response.headers.raw)
        self.requests += 1
        self.received += headers + (response.num_bytes_downloaded or len(response.content))

    def get(self, path: str, asked: Mapping[str, object] | None = None) -> httpx.Response:
        return self._hub.get(path, asked)


class _Clock:
    """Seconds spent in its blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def reconcile(
    hub: Hub,
    store: Store,
    dataset: str,
    keys: Sequence[HubKey],
    *,
    version: str | None = None,
    repair: bool = True,
) -> Outcome:
    """Hold what `store` holds of `dataset` against the hub's signed tree, and repair what differs.

    `keys` are believed; `version` is the one that the store is of. Without `repair` it is only told.
    What was never received isn't a difference: pull it. Raises SourceUnavailable, Refused, and Corrupt:
    what `fetch_checkpoint` raises, tile_unproven, entry_unproven, and copy_unrepaired where the store
    doesn't hold what it was given.
    """
    began, hashing = time.perf_counter(), _Clock()
    with store.receiving(), _Counted(hub) as counted:
        place = store.place()
        proven = fetch_checkpoint(hub, dataset, list(keys), place)
        with hashing:
            held = store.leaves()
            own = OwnTree(held[: place.last])
        found = _compare(counted, proven, own)
        repaired = 0
        if repair and len(found.seqs):
            for bodies in _together(_fetched(counted, dataset, found, version)):
                store.replace(bodies)
                repaired += bodies.count(b"\n")
            with hashing:
                _check_repaired(store, held, found)
        if repair:
            store.settle(_tree(place.frontier, own, found))
        if (repaired or not len(found.seqs)) and own.size == proven.size:
            store.confirm(proven.note)
    return Outcome(
        dataset, own.size, tuple(found.seqs.tolist()), repaired, len(held) - own.size,
        counted.requests, counted.received, hashing.seconds, time.perf_counter() - began,
    )  # fmt: skip


def _compare(hub: _Counted, proven: Proven, own: OwnTree) -> Differing:
    if proven.extends(own.size, own.root()):
        return Differing(np.empty(0, np.int64), own.rows[0][:0])

    def read(tile: Tile) -> bytes:
        return hub.get(f"datasets/{proven.dataset}/{tile.path}").content

    return again(lambda: differing(own, read, proven.extends))


def _tree(known: Frontier, own: OwnTree, found: Differing) -> Frontier:
    """The tree over what is held, now that it is right; `known` is what the store had, which may have
    been damaged itself."""
    if not len(found.seqs) and known.root() == own.root():
        return known
    leaves = own.rows[0].copy()
    leaves[found.seqs - 1] = found.leaves
    return Frontier().extend(leaves)


def _fetched(
    hub: _Counted, dataset: str, found: Differing, version: str | None
) -> Iterator[Batch]:
    """The entries that differ, neighbours together, each proven by its leaf."""
    for first, end in _runs(found.seqs.tolist()):
        after, last = int(found.seqs[first]) - 1, int(found.seqs[end - 1])
        asked = {"after": after, "limit": last - after, "version": version}
        yield again(partial(_proven, hub, dataset, asked, found.leaves[first:end]))


def _proven(hub: _Counted, dataset: str, asked: Mapping[str, object], leaves: Hashes) -> Batch:
    body = hub.get(f"datasets/{dataset}/entries", asked).content
    after = int(str(asked["after"]))
    last = after + len(leaves)
    batch = checked_batch(dataset, body, after, last, native=asked["version"] is None)
    if not np.array_equal(batch.leaves, leaves):
        words = {"dataset": dataset}
        raise Corrupt(Issue("entry_unproven", value=f"{after + 1}…{last}", params=words))
    return batch


def _check_repaired(store: Store, held: Hashes, found: Differing) -> None:
    """Raise Corrupt (copy_unrepaired) where what was written isn't what it should be."""
    expected, seen = held.copy(), 0
    expected[found.seqs - 1] = found.leaves
    for first, leaves in store.leaves_near(found.seqs.tolist()):
        end = first - 1 + len(leaves)
        if not np.array_equal(leaves[: len(expected) - first + 1], expected[first - 1 : end]):
            raise Corrupt(Issue("copy_unrepaired", value=store.name))
        seen += int(((found.seqs >= first) & (found.seqs <= end)).sum())
    if seen != len(found.seqs):
        raise Corrupt(Issue("copy_unrepaired", value=store.name))


def _together(batches: Iterator[Batch]) -> Iterator[bytes]:
    """The batches' lines joined: a store writes a whole file or transaction each time."""
    waiting, count = [], 0
    for batch in batches:
        waiting.append(batch.body)
        count += batch.last - batch.first + 1
        if count >= AT_ONCE:
            yield b"".join(waiting)
            waiting, count = [], 0
    if waiting:
        yield b"".join(waiting)


def _runs(seqs: list[int]) -> Iterator[tuple[int, int]]:
    """(first, end) of the places in `seqs` whose numbers follow one another, `MOST` at most."""
    first = 0
    for place in range(1, len(seqs) + 1):
        whole = place == len(seqs) or seqs[place] != seqs[place - 1] + 1
        if whole or place - first == MOST:
            yield first, place
            first = place
