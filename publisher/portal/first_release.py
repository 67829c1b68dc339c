"""Which release a record first came with."""

from __future__ import annotations

import mmap
from pathlib import Path

from publisher.deltas import DELTA
from publisher.library import Library
from publisher.manifest import Release

_SAME_DAY = 200  # releases of one day that are looked through


def first_release(known: Library, current: Release, record_id: str, day: str) -> Release | None:
    """The release that first carried a record first published on `day` (2026-01-31).

    Releases are made in the order of their days, so the first one of that day is found by halving. Of
    several on one day, their deltas tell. None where no release has that day.
    """
    low, high = 1, current.number
    while low < high:
        middle = (low + high) // 2
        if _day(known.release(current.dataset, middle)) < day:
            low = middle + 1
        else:
            high = middle
    first = known.release(current.dataset, low)
    if _day(first) != day:
        return None
    last = min(low + _SAME_DAY, current.number)
    for number in range(low + 1, last + 1):
        release = known.release(current.dataset, number)
        if release is None or _day(release) != day:
            break
        if release.counts["added"] and _added(release.path / DELTA, record_id):
            return release
    return first


def _day(release: Release | None) -> str:
    return release.created_at[:10] if release else ""


def _added(delta: Path, record_id: str) -> bool:
    """Whether delta.csv says that the record was added."""
    if not delta.is_file() or not delta.stat().st_size:
        return False
    with delta.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(f"added,{record_id},".encode()) >= 0
