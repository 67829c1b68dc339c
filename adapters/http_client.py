"""Requests as a feed declares them: with its login, bounded, and repeated where that may help."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import urllib3

from adapters.http_auth import Auth, read_auth
from adapters.network import CarefulSession, asking, session
from adapters.source import Ask
from adapters.steadily import steadily
from exchange_schemas.errors import SourceFaltering, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

T = TypeVar("T")

BLOCK = 1 << 18
PAGE = 64 << 20  # bytes of one page that is read into memory
HEAD = 1 << 16  # bytes of a file, or of a refusal, in which a login says that it is over
LONGEST_WAIT = 30.0  # seconds that a server may ask for before it is a matter for later
_BUSY = (408, 425, 429)

# Headers of a feed that are nobody's secret.
_PLAIN = {"accept", "accept-encoding", "accept-language", "content-type", "user-agent"}

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
    """What came back: its bytes, the sender's headers, and the address that gave it at last.

    Neither has what the login brought along.
    """

    body: bytes
    headers: Mapping[str, str]
    url: str


@dataclass(slots=True)
class Client:
    """`auth` logs in when it is first needed, and once again when a session has run out.

    All requests of one client together may take `ask.limits.seconds`, and never less than one
    request may.
    """

    ask: Ask
    auth: Auth
    session: CarefulSession = field(init=False)
    _until: float = field(init=False)

    def __post_init__(self) -> None:
        self.session = session(self.ask)
        self.session.private.update(self.auth.private)
        limits = self.ask.limits
        self._until = time.monotonic() + max(limits.seconds, limits.request_seconds)

    @contextmanager
    def asking(self, url: str) -> Iterator[None]:
        """As `network.asking`; raises SourceUnavailable (source_slow) besides."""
        rest = self._until - time.monotonic()
        with asking(url), self.session.connections.until(rest, url.partition("?")[0]):
            yield

    def page(self, method: str, url: str, **told: Any) -> Answer:
        """The answer to one request, read whole; raises as `_sent`, and SourceUnreadable
        (delivery_too_large)."""

        def read(response: requests.Response) -> tuple[Answer, bytes]:
            body = b"".join(blocks(response, url, min(PAGE, self.ask.limits.bytes)))
            return self._answer(response, body), body

        return steadily(lambda: self._sent(method, url, told, read))

    def file(self, method: str, url: str, **told: Any) -> tuple[IO[bytes], Answer]:
        """The answer as a temporary file (its `Answer` has no body), read to its end."""

        def read(response: requests.Response) -> tuple[tuple[IO[bytes], Answer], bytes]:
            kept = tempfile.TemporaryFile()  # noqa: SIM115 - who is given it closes it
            for block in blocks(response, url, self.ask.limits.bytes):
                kept.write(block)
            kept.seek(0)
            head = kept.read(HEAD)
            kept.seek(0)
            return (kept, self._answer(response, b"")), head

        return steadily(lambda: self._sent(method, url, told, read))

    def _sent(
        self,
        method: str,
        url: str,
        told: Mapping[str, Any],
        read: Callable[[requests.Response], tuple[T, bytes]],
    ) -> T:
        """What `read` makes of a good answer; it gives the answer's beginning besides.

        Raises SourceFaltering (http_busy, http_cut, source_unreachable), SourceUnavailable
        (http_busy, http_missing, source_slow), SourceUnreadable (http_refused, http_status,
        http_certificate, link_foreign, login_failed, login_repeated).
        """
        for _ in range(2):
            with self.asking(url):
                self.auth.log_in(self.session)
                with self._response(method, url, told) as response:
                    if response.status_code < 300:
                        made, head = read(response)
                        if not self.auth.ran_out(response.status_code, head):
                            return made
                    elif not self.auth.ran_out(response.status_code, _head(response)):
                        check_status(response, url)
            self.auth.forget()
        raise SourceUnreadable(Issue("login_repeated", value=url.partition("?")[0]))

    def _answer(self, response: requests.Response, body: bytes) -> Answer:
        private = {name.lower() for name in self.auth.headers}
        headers = {k: v for k, v in response.headers.items() if k.lower() not in private}
        return Answer(body, headers, _without(str(response.url), self.auth.params))

    @contextmanager
    def _response(
        self, method: str, url: str, told: Mapping[str, Any]
    ) -> Iterator[requests.Response]:
        headers = {**told.get("headers", {}), **self.auth.headers}
        params = {**told.get("params", {}), **self.auth.params}
        rest = {name: value for name, value in told.items() if name in ("json", "data")}
        self.session.private.update(name for name in headers if name.lower() not in _PLAIN)
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
    check_busy(response, url)
    status = response.status_code
    if status < 300:
        return
    issue = {"value": url.partition("?")[0], "params": {"status": str(status)}}
    if status in (401, 403, 407):
        raise SourceUnreadable(Issue("http_refused", **issue))  # type: ignore[arg-type]
    if status in (404, 410):
        raise SourceUnavailable(Issue("http_missing", **issue))  # type: ignore[arg-type]
    raise SourceUnreadable(Issue("http_status", **issue))  # type: ignore[arg-type]


def check_busy(response: requests.Response, url: str) -> None:
    """Raises http_busy where the server can't now, after as long a wait as it asks for.

    Raises SourceUnavailable, for a later job, where it asks for a long one; else SourceFaltering.
    """
    status = response.status_code
    if status not in _BUSY and status < 500:
        return
    issue = Issue("http_busy", value=url.partition("?")[0], params={"status": str(status)})
    try:
        wait = urllib3.Retry().parse_retry_after(response.headers.get("Retry-After", "0"))
    except urllib3.exceptions.InvalidHeader:
        wait = 0
    if wait > LONGEST_WAIT:
        raise SourceUnavailable(issue)
    time.sleep(wait)
    raise SourceFaltering(issue)


def _head(response: requests.Response) -> bytes:
    """The beginning of a refusal, which may come in any form and length."""
    return bytes(response.raw.read(HEAD, decode_content=True))


def _without(url: str, names: Mapping[str, str]) -> str:
    if not names:
        return url
    told = urlsplit(url)
    left = [(k, v) for k, v in parse_qsl(told.query, keep_blank_values=True) if k not in names]
    return urlunsplit(told._replace(query=urlencode(left)))


def blocks(response: requests.Response, url: str, most: int) -> Iterator[bytes]:
    """The body, unpacked where the transport packed it; it may not be larger than `most`.

    Raises SourceUnreadable (delivery_too_large), SourceFaltering (http_cut).
    """
    size = 0
    try:
        for block in response.iter_content(BLOCK):
            size += len(block)
            if size > most:
                name, words = url.partition("?")[0], f"{most >> 20} MB"
                raise SourceUnreadable(Issue("delivery_too_large", file=name, value=words))
            yield block
    except requests.exceptions.ChunkedEncodingError as error:
        # urllib3 compares with Content-Length what came over the line, packed or not
        expected = response.headers.get("Content-Length", "?")
        told = {"found": str(response.raw.tell()), "expected": expected}
        raise SourceFaltering(
            Issue("http_cut", value=url.partition("?")[0], params=told)
        ) from error
