"""How many requests a minute a consumer, and each of its grants, may make.

Counted in this process, which is the only one that serves the exchange of a site. `HUB_EXCHANGE_RATE`
is what a consumer may where its registration and its grants say nothing: 6000 a minute, 0 for no limit.
Answers say what is left in the header fields of draft-ietf-httpapi-ratelimit-headers.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.web.problem import Problem

USUAL = 6_000  # a minute: a hundred a second
RATE = "HUB_EXCHANGE_RATE"
WINDOW = 60  # seconds


def usual_rate(environment: Mapping[str, str]) -> int:
    """Requests a minute; 0: no limit. Raises Misdeclared (exchange_rate_wrong)."""
    told = environment.get(RATE) or str(USUAL)
    if not told.isascii() or not told.isdecimal() or len(told) > 9:
        raise Misdeclared(Issue("exchange_rate_wrong", value=told[:32]))
    return int(told)


@dataclass(frozen=True, slots=True)
class Left:
    """What one policy leaves: `most` requests a minute, `remaining` of them for `seconds` more."""

    policy: str
    most: int
    remaining: int
    seconds: int


class Rates:
    """Counts requests, and refuses those that are too many."""

    def __init__(self, usual: int) -> None:
        self._usual = usual
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, policy: str, whose: int, rate: int | None) -> None:
        """Take one of `rate` requests a minute; raises Problem 429 where none is left."""
        most = self._usual if rate is None else rate
        if not most:
            return
        allowed = RateLimitItemPerMinute(most)
        taken = self._counter.hit(allowed, policy, str(whose))
        stats = self._counter.get_window_stats(allowed, policy, str(whose))
        seconds = max(1, round(stats.reset_time - time.time()))
        left = Left(policy, most, stats.remaining if taken else 0, seconds)
        g.setdefault("exchange_left", []).append(left)
        if not taken:
            issue = Issue("rate_exceeded", params={"expected": str(most)})
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, issue, {"Retry-After": str(seconds)})


def tell_rates(response: Response) -> Response:
    """Say in the answer what is left."""
    told: list[Left] = g.get("exchange_left", [])
    if told:
        policies = (f'"{one.policy}";q={one.most};w={WINDOW}' for one in told)
        left = (f'"{one.policy}";r={one.remaining};t={one.seconds}' for one in told)
        response.headers["RateLimit-Policy"] = ", ".join(policies)
        response.headers["RateLimit"] = ", ".join(left)
    return response
