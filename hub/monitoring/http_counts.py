"""Requests, counted in this process: by class of route and status, with a histogram of seconds.

The library is loaded with the first request that is counted, so that what serves in several processes
can say before that where they add up (`share`).
"""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the library's own name of it
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds


def share() -> Path:
    """Have the processes that are forked from this one add up in a new folder; call it before anything
    is counted."""
    folder = tempfile.mkdtemp(prefix="hub-metrics-")
    os.environ[SHARED] = folder
    return Path(folder)


class HttpCounts:
    """`requests` and `seconds` of answers, in a registry of our own."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Histogram,
            disable_created_metrics,
        )

        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._own = CollectorRegistry()
        self._requests = Counter(
            "hub_http_requests", "Requests that were answered.", ("class", "status"),
            registry=self._own,
        )  # fmt: skip
        self._seconds = Histogram(
            "hub_http_request_seconds", "Seconds from a request to the end of its answer.",
            ("class",), buckets=BUCKETS, registry=self._own,
        )  # fmt: skip
        self._known: dict[tuple[str, str], tuple[Any, Any]] = {}

    def add(self, route: str, status: str, seconds: float) -> None:
        """One answer of a class of routes with a status, such as 200."""
        found = self._known.get((route, status))
        if found is None:
            found = self._requests.labels(route, status), self._seconds.labels(route)
            self._known[route, status] = found
        found[0].inc()
        found[1].observe(seconds)

    def registry(self) -> CollectorRegistry:
        """What all processes counted."""
        if not os.environ.get(SHARED):
            return self._own
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together


@cache
def http_counts() -> HttpCounts:
    """The one of this process."""
    return HttpCounts()
