"""Who may send a form: nobody whose page is elsewhere, and nobody too often."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock

from flask import request

HOUR = 3600
_REMEMBERED = 10_000  # addresses; beyond it the longest silent one is forgotten


class Arrivals:
    """Lets each address in at most `most` times in `seconds`. Kept in memory; safe between threads."""

    def __init__(
        self, most: int, seconds: float = HOUR, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def admits(self, address: str) -> bool:
        """Whether the address may come in now; only then it is counted."""
        now = self._clock()
        with self._lock:
            times = self._times.setdefault(address, deque())
            self._times.move_to_end(address)
            while times and now - times[0] >= self._seconds:
                times.popleft()
            if len(self._times) > _REMEMBERED:
                self._times.popitem(last=False)
            if len(times) >= self._most:
                return False
            times.append(now)
            return True


def client_address(written: str | None) -> str:
    """What is counted as one client: an IPv4 address, or the network of an IPv6 one (RFC 6177)."""
    try:
        address = ip_address((written or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(IPv6Network((address, 64), strict=False))
        return str(address.ipv4_mapped)
    return str(address)


def from_elsewhere() -> bool:
    """Whether another site's page made the reader's browser send this request.

    `Sec-Fetch-Site` (W3C Fetch Metadata) is written by the browser and by no page; browsers without
    it send `Origin`. A program that sends neither has no reader to deceive.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host
