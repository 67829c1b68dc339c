"""How much one reader may ask of what costs work: searches, tables and interfaces for programs.

A reader who asks for more is told when to come again. Files and pages that can be kept cost little, so
they aren't counted. `HUB_PORTAL_RATE` is the number of such requests a minute from one address, 300
where it isn't set; 0 counts nothing, for sites where a proxy does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from flask import Flask, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from publisher.portal.doorkeeper import client_address

USUAL = 300  # a minute: five a second, which no reader by hand reaches
RATE = "HUB_PORTAL_RATE"
COSTLY = ("/search", "/api/", "/datastore/", "/subjects/", "/trace")
_WITHIN = ("/table", "/charts", "/as-of/", "/selection")  # … and these, of any dataset


def rate_of(environment: Mapping[str, str]) -> int:
    """Requests a minute; raises Misdeclared (portal_rate_invalid)."""
    told = environment.get(RATE) or str(USUAL)
    if not told.isascii() or not told.isdecimal():
        raise Misdeclared(Issue("portal_rate_invalid", value=told))
    return int(told)


def limit(app: Flask, rate: int) -> None:
    """Let each address have `rate` costly requests a minute."""
    if not rate:
        return
    counter = SlidingWindowCounterRateLimiter(MemoryStorage())
    allowed = RateLimitItemPerMinute(rate)

    def count() -> None:
        address = client_address(request.remote_addr)
        if not _is_costly(request.path) or counter.hit(allowed, address):
            return
        ends = counter.get_window_stats(allowed, address).reset_time
        raise TooManyRequests(retry_after=max(1, round(ends - time.time())))

    app.before_request(count)


def _is_costly(path: str) -> bool:
    return path.startswith(COSTLY) or any(part in path for part in _WITHIN)
