"""The reference consumer: pulls a dataset, proves every entry, resumes after any crash.

It knows of the hub only the exchange API, and can serve as a pattern for a consumer of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub, again, refused
from hub.consume.batch import Batch, checked_batch
from hub.consume.file_store import FileStore
from hub.consume.older_files import Fetch
from hub.consume.proving import Proven, check_held, check_proven, fetch_checkpoint
from hub.consume.receipts import NOT_THERE, TAKEN, Check, Receipt, receipts_of
from hub.consume.segments import Sealed, fetch_segment, listed
from hub.consume.snapshot import fetch_snapshot
from hub.consume.store import KeyStore, Place, Store
from hub.consume.trust import Given, HubKey, believed, read_keys, to_json
from hub.tree.frontier import Frontier

LIMIT = 5_000

#: Called after every batch with (last sequence number received, the hub's last one).
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to pull: entries per page, version of the standard (None: as kept), whether by segments,
    the consumer's own check, whom to tell, whether to begin with a snapshot, keys to believe."""

    limit: int = LIMIT
    version: str | None = None
    segments: bool = True
    check: Check | None = None
    told: Told | None = None
    snapshot: bool = False
    keys: Sequence[HubKey] = field(default=())


def hub_keys_of(hub: Hub, remembered: KeyStore, given: Given) -> list[HubKey]:
    """The keys to believe, remembered for the next time (see `hub.consume.trust`)."""
    known = read_keys({"keys": remembered.keys()}, "remembered keys")
    now = again(partial(believed, hub, known, given))
    if not given and now != known:
        remembered.keep_keys(to_json(now))
    return now


def pull(hub: Hub, dataset: str, store: Store, wanted: Wanted) -> dict[str, Any]:
    """Bring `store` to the hub's newest checkpoint; returns {dataset, entries, last, head}, and
    `refused` where a version is wanted. Raises SourceUnavailable, Refused, Corrupt (see `consume`)."""
    with store.receiving(), _downloads(store) as folder:
        before, place, proven = _begun(hub, dataset, store, wanted, folder)
        reached, untranslated = place.frontier, 0
        for batch, reached in _batches(hub, proven, place, wanted, folder):
            store.keep(batch, reached, receipts_of(batch, wanted.check))
            untranslated += batch.untranslated
            if wanted.told is not None:
                wanted.told(batch.last, proven.size)
        if proven.note != place.checkpoint:
            store.confirm(proven.note)
    counts = {"entries": reached.size - before, "last": reached.size, "head": proven.size}
    return {"dataset": dataset, **counts} | ({"refused": untranslated} if wanted.version else {})


def _begun(
    hub: Hub, dataset: str, store: Store, wanted: Wanted, folder: Path
) -> tuple[int, Place, Proven]:
    """(last entry before, place, checkpoint): what is held is found to be right, or newly begun."""
    if isinstance(store, FileStore) and store.is_old():
        proven = fetch_checkpoint(hub, dataset, list(wanted.keys), Place(Frontier(), None))
        store.take_over(_from_the_start(hub, proven, wanted))
    place = store.place()
    proven = fetch_checkpoint(hub, dataset, list(wanted.keys), place)
    check_held(proven, place.frontier)
    if wanted.snapshot and not place.last and proven.size:
        snapshot = fetch_snapshot(hub, proven, list(wanted.keys), folder)
        store.begin(snapshot, [Receipt(1, snapshot.seq, TAKEN)])
        return 0, store.place(), proven
    return place.last, place, proven


def _from_the_start(hub: Hub, proven: Proven, wanted: Wanted) -> Fetch:
    """Fetches entries as they are asked for one after the other from the first on, each proven."""
    frontier = Frontier()

    def fetch(after: int, last: int) -> Batch:
        nonlocal frontier

        def once() -> tuple[Batch, Frontier]:
            batch = _fetch(hub, proven, after, last, version=wanted.version)
            return _extended(proven, frontier, batch)

        batch, frontier = again(once)
        return batch

    return fetch


@contextmanager
def _downloads(store: Store) -> Iterator[Path]:
    """Where unfinished downloads lie: with the files that they become, so that they go on later."""
    if isinstance(store, FileStore):
        yield store.folder
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _batches(
    hub: Hub, proven: Proven, place: Place, wanted: Wanted, folder: Path
) -> Iterator[tuple[Batch, Frontier]]:
    """What is missing up to the checkpoint, each batch with the tree that it makes, proven."""
    frontier = place.frontier
    sealed = _sealed(hub, proven, place, wanted)
    while frontier.size < proven.size:
        while sealed and sealed[0].last <= frontier.size:
            sealed.pop(0)
        if not sealed or sealed[0].first > frontier.size + 1:
            batch, frontier = again(partial(_page, hub, proven, frontier, wanted))
            yield batch, frontier
            continue
        try:
            for part in fetch_segment(hub, proven.dataset, sealed[0], folder, frontier.size):
                batch, frontier = again(partial(_extended, proven, frontier, part))
                yield batch, frontier
        except Refused as error:  # an erasure may have put another edition in its place
            gone, sealed = sealed[0], _sealed(hub, proven, place, wanted)
            if error.issue.params.get("status") != NOT_THERE or gone in sealed:
                raise


def _sealed(hub: Hub, proven: Proven, place: Place, wanted: Wanted) -> list[Sealed]:
    """The segments that are worth a download: those are of entries as they are kept."""
    few = proven.size - place.last <= wanted.limit
    if few or wanted.version or not wanted.segments:
        return []
    found = again(partial(listed, hub, proven.dataset))
    return [one for one in found if one.last > place.last and one.last <= proven.size]


def _page(hub: Hub, proven: Proven, frontier: Frontier, wanted: Wanted) -> tuple[Batch, Frontier]:
    last = min(frontier.size + wanted.limit, proven.size)
    batch = _fetch(hub, proven, frontier.size, last, version=wanted.version)
    return _extended(proven, frontier, batch)


def _fetch(hub: Hub, proven: Proven, after: int, last: int, *, version: str | None) -> Batch:
    """Entries after `after`, `last` at most, each checked by itself; some at least."""
    dataset = proven.dataset
    body, end = fetch_page(hub, dataset, after, last - after, version)
    batch = checked_batch(dataset, body, after, end, native=version is None)
    if not after < end <= last:
        words = {"dataset": dataset, "expected": str(last)}
        raise Corrupt(Issue("page_incomplete", value=str(end), params=words))
    return batch


def _extended(proven: Proven, frontier: Frontier, batch: Batch) -> tuple[Batch, Frontier]:
    longer = frontier.extend(batch.leaves)
    check_proven(proven, longer, batch.first)
    return batch, longer


def fetch_page(
    hub: Hub, dataset: str, after: int, limit: int, version: str | None = None
) -> tuple[bytes, int]:
    """A page's NDJSON, and its last entry's number; not checked."""
    asked = {"after": after, "limit": limit, "version": version}
    response = hub.get(f"datasets/{dataset}/entries", asked)
    try:
        return response.content, int(response.headers["X-Last-Seq"])
    except (KeyError, ValueError) as error:
        raise refused(response, "X-Last-Seq?") from error
