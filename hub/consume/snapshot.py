"""Beginning with a snapshot: what stands at a sealed size, in place of all that led to it.

The hub signs which file it is. Each of its lines is held against the leaf that the signed tree has for
it, so the leaves of all entries are fetched, 32 bytes each, and kept for those that it leaves out:
with them the copy can be reconciled like any other.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub, again
from hub.consume.batch import leaves_of
from hub.consume.entry_lines import UPSERT, check_entries, read_lines
from hub.consume.files import File, fetch_file, unpack
from hub.consume.proving import Proven
from hub.consume.store import Snapshot
from hub.consume.trust import HubKey, note_key, verified
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes, hashes_of
from hub.tree.snapshot_note import SnapshotNote, verify
from hub.tree.tiles import WIDTH, tile_of

AT_ONCE = 8  # tiles that are asked for at a time


@dataclass(frozen=True, slots=True)
class _Listed:
    """A snapshot's file, and the two signed notes that say what it is."""

    name: str
    checkpoint: str
    signature: str


def fetch_snapshot(hub: Hub, proven: Proven, keys: list[HubKey], folder: Path) -> Snapshot:
    """The newest snapshot that goes with the checkpoint, proven.

    Raises Refused (snapshot_missing), Corrupt (snapshot_wrong, entry_…), SourceUnavailable.
    """
    dataset = proven.dataset
    told = hub.json(f"datasets/{dataset}/snapshots")
    try:
        listed = [
            _Listed(str(one["ndjson"]["name"]), str(one["checkpoint"]), str(one["signature"]))
            for one in told["snapshots"]
            if one["checkpoint"] and one["signature"] and one["seq"] <= proven.size
        ]
    except (KeyError, TypeError) as error:
        raise _wrong(dataset, proven.size, "snapshots") from error
    if not listed:
        raise Refused(Issue("snapshot_missing", params={"dataset": dataset}))
    return again(partial(_fetch, hub, proven, keys, folder, listed[0]))


def _fetch(hub: Hub, proven: Proven, keys: list[HubKey], folder: Path, one: _Listed) -> Snapshot:
    signed = _signed(proven, keys, one)
    path = f"datasets/{proven.dataset}/snapshots/{one.name}"
    try:
        body = unpack(fetch_file(hub, File(path, signed.size, signed.sha256), folder))
    except ValueError as error:
        raise _wrong(proven.dataset, signed.seq, str(error)) from error
    entries = read_lines(proven.dataset, body)
    check_entries(proven.dataset, entries, pl.col("seq"), native=True)
    _check_living(proven.dataset, entries, signed)
    leaves = _leaves(hub, proven.dataset, signed.seq)
    frontier = Frontier().extend(leaves)
    if not proven.extends(signed.seq, frontier.root()):
        raise _wrong(proven.dataset, signed.seq, "tiles")
    places = entries["seq"].to_numpy() - 1
    if not np.array_equal(leaves[places], leaves_of(entries, native=True)):
        raise _wrong(proven.dataset, signed.seq, "leaves")
    leaves[places] = 0
    return Snapshot(signed.seq, body, entries, leaves, frontier)


def _signed(proven: Proven, keys: list[HubKey], one: _Listed) -> SnapshotNote:
    origin = proven.checkpoint.origin
    checkpoint = verified(one.checkpoint, keys, origin)
    signed = verify(one.signature, [note_key(key) for key in keys])
    if (signed.origin, signed.seq) != (origin, checkpoint.size):
        raise _wrong(proven.dataset, signed.seq, "origin")
    return signed


def _check_living(dataset: str, entries: pl.DataFrame, signed: SnapshotNote) -> None:
    """Each number once, in order, up to the snapshot's, and nothing but records."""
    seqs = entries["seq"]
    rising = bool((seqs.diff().drop_nulls() > 0).all())
    inside = entries.is_empty() or 1 <= seqs[0] <= seqs[-1] <= signed.seq
    living = bool((entries["operation"] == UPSERT).all())
    if not (rising and inside and living) or entries.height != signed.records:
        raise _wrong(dataset, signed.seq, "records")


def _leaves(hub: Hub, dataset: str, size: int) -> Hashes:
    """The leaves of the first `size` entries, (size, 32), from tiles."""
    paths = [tile_of(0, index, size).path for index in range(-(-size // WIDTH))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        tiles = list(pool.map(lambda path: hub.get(f"datasets/{dataset}/{path}").content, paths))
    try:
        found = hashes_of(b"".join(tiles)).copy()
    except ValueError as error:
        raise _wrong(dataset, size, "tiles") from error
    if len(found) != size:
        raise _wrong(dataset, size, "tiles")
    return found


def _wrong(dataset: str, seq: int, reason: str) -> Corrupt:
    words = {"dataset": dataset, "reason": reason}
    return Corrupt(Issue("snapshot_wrong", value=str(seq), params=words))
