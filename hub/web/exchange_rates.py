"""How many requests a minute a consumer, and each of its grants, may make, and how many of an address may
be refused at the door.

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
MOST_REFUSED = 100  # a minute of one address: to check a signature of SM2 takes 13 ms
_ADDRESS = "address"
_REFUSED = RateLimitItemPerMinute(MOST_REFUSED)


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
        remaining, seconds = self._left(allowed, policy, str(whose))
        left = Left(policy, most, remaining if taken else 0, seconds)
        g.setdefault("exchange_left", []).append(left)
        if not taken:
            raise _too_many("rate_exceeded", most, seconds)

    def check_refused(self, address: str) -> None:
        """Raise Problem 429 where too many requests of an address were refused to look at another."""
        if not self._counter.test(_REFUSED, _ADDRESS, address):
            _, seconds = self._left(_REFUSED, _ADDRESS, address)
            raise _too_many("refused_too_often", MOST_REFUSED, seconds)

    def count_refused(self, address: str) -> None:
        """A request of that address was refused."""
        self._counter.hit(_REFUSED, _ADDRESS, address)

    def _left(self, allowed: RateLimitItemPerMinute, policy: str, whose: str) -> tuple[int, int]:
        """(requests that are left, seconds until there are more)."""
        stats = self._counter.get_window_stats(allowed, policy, whose)
        return stats.remaining, max(1, round(stats.reset_time - time.time()))


def _too_many(code: str, most: int, seconds: int) -> Problem:
    issue = Issue(code, params={"expected": str(most)})
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, issue, {"Retry-After": str(seconds)})


def tell_rates(response: Response) -> Response:
    """Say in the answer what is left."""
    told: list[Left] = g.get("exchange_left", [])
    if told:
        policies = (f'"{one.policy}";q={one.most};w={WINDOW}' for one in told)
        left = (f'"{one.policy}";r={one.remaining};t={one.seconds}' for one in told)
        response.headers["RateLimit-Policy"] = ", ".join(policies)
        response.headers["RateLimit"] = ", ".join(left)
    return response
