"""Asking one page after another, without haste."""

from __future__ import annotations

import time
from collections.abc import Iterator


def politely(most: int, pause: float) -> Iterator[int]:
    """1, 2, 3 … up to `most`, with at least `pause` seconds between two."""
    last = float("-inf")
    for number in range(1, most + 1):
        wait = last + pause - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        last = time.monotonic()
        yield number
