"""How to visit a site: as its robots.txt allows, and with a pause before each request."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

from adapters.http_client import Answer, Client
from adapters.network import USER_AGENT
from adapters.page_list import bare, check_host
from adapters.source import Ask
from exchange_schemas.errors import SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

PAUSE = 1.0  # seconds before each request but the first
_LARGEST = 500 << 10  # bytes of robots.txt that have to be heeded (RFC 9309 2.5)


@dataclass(slots=True)
class Visitor:
    """Fetches the pages of one site. `home` is the list's address; no other server is asked."""

    client: Client
    ask: Ask
    home: str
    _robots: RobotFileParser | None = field(init=False, default=None)
    _pause: float = field(init=False)
    _last: float = field(init=False, default=0.0)
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        told: Mapping[str, Any] = self.ask.options
        self._pause = float(told.get("pause", PAUSE))
        self._until = time.monotonic() + self.ask.limits.seconds
        if told.get("robots", True):
            self._robots = self._read_robots()
            asked = self._robots.crawl_delay(USER_AGENT)
            self._pause = max(self._pause, float(asked or 0))

    def fetch(self, url: str) -> Answer:
        """The page at `url`, read whole.

        Raises SourceUnreadable (robots_refused, page_elsewhere, pages_too_slow), and what
        `Client.page` raises.
        """
        if self._robots is not None and not self._robots.can_fetch(USER_AGENT, url):
            raise SourceUnreadable(Issue("robots_refused", value=bare(url)))
        self._wait()
        self.ask.progress(bare(url))
        answer = self.client.page("GET", url)
        check_host(answer.url, self.home)
        return answer

    def _wait(self) -> None:
        now = time.monotonic()
        start = max(now, self._last + self._pause)
        if start > self._until:
            most = str(self.ask.limits.seconds)
            raise SourceUnreadable(Issue("pages_too_slow", value=most))
        time.sleep(start - now)
        self._last = start

    def _read_robots(self) -> RobotFileParser:
        """The site's rules; none where it has no such file (RFC 9309 2.3.1.3).

        A server that fails is asked again later, because nobody knows what it forbids.
        """
        robots = RobotFileParser()
        try:
            body = self.client.page("GET", urljoin(self.home, "/robots.txt")).body[:_LARGEST]
        except (SourceUnavailable, SourceUnreadable) as error:
            if error.issue.code not in ("http_missing", "http_refused", "http_status"):
                raise
            body = b""
        robots.parse(body.decode("utf-8-sig", "replace").splitlines())
        return robots
