"""Trying again what may pass within seconds, a little later each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import stamina

from exchange_schemas.errors import SourceFaltering

T = TypeVar("T")

ATTEMPTS = 5
SECONDS = 60.0  # of waiting in all; a source that is away for longer is a job for later


def steadily(call: Callable[[], T]) -> T:
    """What `call` gives, called again (5 times at most, with growing pauses) while it falters.

    Only SourceFaltering is met so: whatever else is raised no waiting mends. `call` must be safe to
    repeat, so it fetches something whole, and never the rest of a stream.
    """
    for attempt in stamina.retry_context(on=SourceFaltering, attempts=ATTEMPTS, timeout=SECONDS):
        with attempt:
            return call()
    raise AssertionError("retry_context ends by raising")
