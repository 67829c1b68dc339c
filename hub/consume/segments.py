"""Sealed segments: listed, downloaded whole, checked as entries and by their root."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub
from hub.consume.batch import Batch, checked_batch
from hub.consume.files import File, fetch_file
from hub.tree.frontier import Frontier


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment as the hub lists it; `root` is that of its own leaves."""

    name: str
    first: int
    last: int
    sha256: str
    size: int
    root: bytes


def listed(hub: Hub, dataset: str) -> list[Sealed]:
    """The sealed segments, in order; raises Corrupt (segments_unreadable)."""
    told = hub.json(f"datasets/{dataset}/segments")
    try:
        return sorted((_sealed(one) for one in told["segments"]), key=lambda one: one.first)
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(Issue("segments_unreadable", params={"dataset": dataset})) from error


def _sealed(one: dict[str, Any]) -> Sealed:
    first, last, file = int(one["first"]), int(one["last"]), one["ndjson"]
    name = f"{first}-{last}.{int(one['edition'])}.ndjson.zst"
    size, root = int(file["size"]), bytes.fromhex(one["root"])
    return Sealed(name, first, last, str(file["sha256"]), size, root)


def fetch_segment(hub: Hub, dataset: str, sealed: Sealed, folder: Path) -> Batch:
    """The segment's entries, each checked, and its root that of its listing.

    What was downloaded is in `folder` until it is right, so that an interrupted download goes on.
    Raises Corrupt (segment_wrong, and what `checked_batch` raises), SourceUnavailable, Refused.
    """
    file = File(f"datasets/{dataset}/segments/{sealed.name}", sealed.size, sealed.sha256)
    try:
        body = fetch_file(hub, file, folder)
    except ValueError as error:
        raise _wrong(dataset, sealed, str(error)) from error
    batch = checked_batch(dataset, body, sealed.first - 1, sealed.last)
    if Frontier().extend(batch.leaves).root() != sealed.root:
        raise _wrong(dataset, sealed, "root")
    return batch


def _wrong(dataset: str, sealed: Sealed, reason: str) -> Corrupt:
    words = {"dataset": dataset, "reason": reason}
    return Corrupt(Issue("segment_wrong", value=sealed.name, params=words))
