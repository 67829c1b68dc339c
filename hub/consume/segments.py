"""Sealed segments: listed, downloaded whole, and read a part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.asking import Hub, again
from hub.consume.batch import Batch, checked_batch
from hub.consume.files import File, fetch_file, unpacked

PART = 65_536  # entries that are checked and kept at a time


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment as the hub lists it."""

    name: str
    first: int
    last: int
    sha256: str
    size: int


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
    return Sealed(name, first, last, str(file["sha256"]), int(file["size"]))


def fetch_segment(
    hub: Hub, dataset: str, sealed: Sealed, folder: Path, held: int
) -> Iterator[Batch]:
    """The segment's entries behind `held`, `PART` at a time, which bounds memory; each checked.

    What was downloaded is in `folder` until it is right, so that an interrupted download goes on.
    Raises Corrupt (segment_wrong, and what `checked_batch` raises), SourceUnavailable, Refused.
    """
    packed = again(partial(_download, hub, dataset, sealed, folder))
    after = sealed.first - 1
    try:
        for body in unpacked(packed, PART):
            last = min(after + PART, sealed.last)
            if last > held:
                yield checked_batch(dataset, body, after, last).behind(held)
            after = last
    except ValueError as error:
        raise _wrong(dataset, sealed, str(error)) from error
    if after < sealed.last:
        raise _wrong(dataset, sealed, "entries")


def _download(hub: Hub, dataset: str, sealed: Sealed, folder: Path) -> bytes:
    file = File(f"datasets/{dataset}/segments/{sealed.name}", sealed.size, sealed.sha256)
    try:
        return fetch_file(hub, file, folder)
    except ValueError as error:
        raise _wrong(dataset, sealed, str(error)) from error


def _wrong(dataset: str, sealed: Sealed, reason: str) -> Corrupt:
    words = {"dataset": dataset, "reason": reason}
    return Corrupt(Issue("segment_wrong", value=sealed.name, params=words))
