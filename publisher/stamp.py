"""What all releases are at a moment, cheaply told: it differs as soon as one is put in place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable
from pathlib import Path

from publisher.release import CURRENT

BRIEFLY = 0.02  # seconds


def stamp_of(releases: Path) -> Hashable:
    """Which current.json each dataset has; () where there are no releases."""
    try:
        with os.scandir(releases) as folders:
            return tuple(sorted(_told(folder) for folder in folders if folder.is_dir()))
    except FileNotFoundError:
        return ()


def _told(folder: os.DirEntry[str]) -> tuple[str, int, int]:
    """A replaced file is another one, even within the clock's grain."""
    try:
        found = os.stat(f"{folder.path}/{CURRENT}")  # noqa: PTH116 - at each request, for each dataset
    except FileNotFoundError:
        return folder.name, 0, 0
    return folder.name, found.st_ino, found.st_mtime_ns


def briefly(stamp: Callable[[], Hashable], seconds: float = BRIEFLY) -> Callable[[], Hashable]:
    """`stamp`, looked at again after some milliseconds only: at thousands of requests a second, looking
    at thirty files for each of them would be most of the work."""
    known: tuple[float, Hashable] = (0.0, None)

    def told() -> Hashable:
        nonlocal known
        until, value = known
        now = time.monotonic()
        if now >= until:
            value = stamp()
            known = (now + seconds, value)
        return value

    return told
