"""Requests as a feed declares them: with its login, bounded, and repeated where that may help."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar

import requests

from adapters.http_auth import Auth, read_auth
from adapters.network import CarefulSession, asking, session
from adapters.source import Ask
from adapters.steadily import steadily
from exchange_schemas.errors import SourceFaltering, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

T = TypeVar("T")

BLOCK = 1 << 18
PAGE = 64 << 20  # bytes of one page that is read into memory
LONGEST_WAIT = 30.0  # seconds that a server may ask for before it is a matter for later

REQUEST_OPTIONS: Mapping[str, Any] = {
    "url": {"type": "string", "pattern": "^(https?://|\\$\\{)"},
    "method": {"enum": ["GET", "POST"]},
    "params": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
    "headers": {"type": "object", "additionalProperties": {"type": "string"}},
    "json": {"type": ["object", "array"]},
    "form": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: its bytes, the sender's headers, and the address that gave it at last."""

    body: bytes
    headers: Mapping[str, str]
    url: str


@dataclass(slots=True)
class Client:
    """`auth` logs in when it is first needed, and once again when a session has run out."""

    ask: Ask
    auth: Auth
    session: CarefulSession = field(init=False)

    def __post_init__(self) -> None:
        self.session = session(self.ask)
        self.session.private.update(self.auth.private)

    def page(self, method: str, url: str, **told: Any) -> Answer:
        """The answer to one request, read whole; raises as `_sent`, and SourceUnreadable
        (delivery_too_large)."""

        def read(response: requests.Response) -> Answer:
            body = b"".join(_blocks(response, url, min(PAGE, self.ask.limits.bytes)))
            return Answer(body, dict(response.headers), str(response.url))

        return steadily(lambda: self._sent(method, url, told, read))

    def file(self, method: str, url: str, **told: Any) -> tuple[IO[bytes], Answer]:
        """The answer as a temporary file (its `Answer` has no body), read to its end."""

        def read(response: requests.Response) -> tuple[IO[bytes], Answer]:
            kept = tempfile.TemporaryFile()  # noqa: SIM115 - who is given it closes it
            for block in _blocks(response, url, self.ask.limits.bytes):
                kept.write(block)
            kept.seek(0)
            return kept, Answer(b"", dict(response.headers), str(response.url))

        return steadily(lambda: self._sent(method, url, told, read))

    def _sent(
        self,
        method: str,
        url: str,
        told: Mapping[str, Any],
        read: Callable[[requests.Response], T],
    ) -> T:
        """What `read` makes of a good answer.

        Raises SourceFaltering (http_busy, http_cut, source_unreachable), SourceUnavailable
        (http_missing), SourceUnreadable (http_refused, http_status, login_repeated).
        """
        for again in (False, True):
            with asking(url):
                self.auth.log_in(self.session)
                with self._response(method, url, told) as response:
                    over = self.auth.ran_out(response.status_code)
                    if not over:
                        check_status(response, url)
                        made = read(response)
                        over = isinstance(made, Answer) and self.auth.ran_out(200, made.body)
                    if not over:
                        return made
            if again:
                raise SourceUnreadable(Issue("login_repeated", value=url))
            self.auth.forget()
        raise AssertionError("the second round returns or raises")

    @contextmanager
    def _response(
        self, method: str, url: str, told: Mapping[str, Any]
    ) -> Iterator[requests.Response]:
        headers = {**told.get("headers", {}), **self.auth.headers}
        params = {**told.get("params", {}), **self.auth.params}
        rest = {name: value for name, value in told.items() if name in ("json", "data")}
        made = self.session.request(
            method, url, headers=headers, params=params, stream=True, **rest
        )
        with made:
            yield made


def client(ask: Ask) -> Client:
    """The client that the feed's `auth:` asks for."""
    return Client(ask, read_auth(ask.options.get("auth")))


def request_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """What `Client.page` takes of a declaration with `REQUEST_OPTIONS`."""
    told: dict[str, Any] = {
        "headers": dict(options.get("headers", {})),
        "params": {name: str(value) for name, value in options.get("params", {}).items()},
    }
    if "json" in options:
        told["json"] = options["json"]
    if "form" in options:
        told["data"] = {name: str(value) for name, value in options["form"].items()}
    return told


def check_status(response: requests.Response, url: str) -> None:
    """Nothing where the answer is good; else raises what is to be done about it."""
    status = response.status_code
    if status < 300:
        return
    issue = {"value": url.partition("?")[0], "params": {"status": str(status)}}
    if status in (408, 425, 429) or status >= 500:
        _wait(response.headers.get("Retry-After", ""))
        raise SourceFaltering(Issue("http_busy", **issue))  # type: ignore[arg-type]
    if status in (401, 403, 407):
        raise SourceUnreadable(Issue("http_refused", **issue))  # type: ignore[arg-type]
    if status in (404, 410):
        raise SourceUnavailable(Issue("http_missing", **issue))  # type: ignore[arg-type]
    raise SourceUnreadable(Issue("http_status", **issue))  # type: ignore[arg-type]


def _wait(asked: str) -> None:
    """As long as the server asks for, in seconds; what asks for more is tried by a later job."""
    if asked.isdecimal() and int(asked) <= LONGEST_WAIT:
        time.sleep(int(asked))


def _blocks(response: requests.Response, url: str, most: int) -> Iterator[bytes]:
    """The body, unpacked where the transport packed it; it may not be larger than `most`."""
    size = 0
    for block in response.iter_content(BLOCK):
        size += len(block)
        if size > most:
            raise SourceUnreadable(
                Issue("delivery_too_large", file=url.partition("?")[0], value=f"{most >> 20} MB")
            )
        yield block
    expected = response.headers.get("Content-Length", "")
    packed = response.headers.get("Content-Encoding", "identity") not in ("", "identity")
    if expected.isdecimal() and not packed and size < int(expected):
        words = {"found": str(size), "expected": expected}
        raise SourceFaltering(Issue("http_cut", value=url.partition("?")[0], params=words))
