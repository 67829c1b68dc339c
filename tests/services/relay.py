"""A web server in front of another one: passes every request on, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.services.http_server import Answer, Asked, Said, Web, http_server

CUT = Said(b"", 200, {"Content-Length": "10"}, cut=0)  # hangs up instead of answering


@dataclass
class Relay:
    """`instead` may answer for the server, or do something before it is asked (None: it is asked);
    `afterwards` is given its answer, and may give another."""

    url: str
    target: str
    web: Web
    instead: Callable[[Asked], Said | None] = lambda _asked: None
    afterwards: Callable[[Asked, Said], Said] = lambda _asked, said: said

    def cut_after(self, count: int, *, done: bool) -> None:
        """Let so many requests pass and cut off all that follow: before they reach the server, or
        (`done`) the first of them when it was done there already."""
        left = count

        def instead(_asked: Asked) -> Said | None:
            nonlocal left
            left -= 1
            return CUT if left < (-1 if done else 0) else None

        def afterwards(_asked: Asked, said: Said) -> Said:
            return CUT if left < 0 else said

        self.instead, self.afterwards = instead, afterwards

    def heal(self) -> None:
        """Pass everything on again."""
        self.instead = lambda _asked: None
        self.afterwards = lambda _asked, said: said


class _Everything(dict[str, Answer]):
    """Answers of every path."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def get(self, _path: str, _default: object = None) -> Answer:  # type: ignore[override]
        return self._answer


@contextmanager
def relay(target: str) -> Iterator[Relay]:
    """Listens on a free loopback port, in front of the server at the address `target`."""
    with http_server() as web:
        made = Relay(web.url, target, web)

        def answer(asked: Asked) -> Said:
            said = made.instead(asked)
            return made.afterwards(asked, _passed_on(made, asked)) if said is None else said

        web.answers = _Everything(answer)
        yield made


def _passed_on(made: Relay, asked: Asked) -> Said:
    headers = {n: v for n, v in asked.headers.items() if n.lower() not in ("host", "connection")}
    with requests.request(
        asked.method, f"{made.target}{asked.path}", params=dict(asked.params), data=asked.body,
        headers=headers, allow_redirects=False, timeout=120,
    ) as found:  # fmt: skip
        kept = {
            n: v for n, v in found.headers.items() if n.lower() in ("content-type", "location")
        }
        return Said(found.content, found.status_code, kept)
