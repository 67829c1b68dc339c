"""Answers that may be given again: kept in memory, in front of the application, for their max-age.

Only what the application itself calls public and fresh is kept, as RFC 9111 lets any cache do. What is
kept is dropped as soon as a release is seen to be in place (`publisher.stamp.briefly`: 20 ms) or the day
ends, so nothing that was taken back is given again after that. Kept answers are also compressed, once, for readers that take gzip.
"""

from __future__ import annotations

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers, ResponseCacheControl
from werkzeug.http import (
    parse_accept_header,
    parse_cache_control_header,
    parse_cookie,
    parse_etags,
    unquote_etag,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST = (
    1 << 20
)  # bytes of an answer that is kept; larger ones are files, which are read as they are
ROOM = 64 << 20  # bytes of all of them
_LEAST = 512  # bytes that are worth compressing
_TEXTS = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg+xml")
_CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_MATCH")
_NAMED = ("HTTP_HOST", "wsgi.url_scheme", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")


@dataclass(slots=True)
class Kept:
    """One answer: until when (monotonic seconds) it may be given, and its body.

    `packed` is the body in gzip, b"" as long as nobody asked for it; None: it isn't worth while.
    """

    until: float
    headers: list[tuple[str, str]]
    etag: str | None
    body: bytes
    packed: bytes | None

    def pack(self) -> bytes | None:
        """The body in gzip, made when it is asked for first."""
        if self.packed == b"":
            self.packed = gzip.compress(self.body, 6, mtime=0)
        return self.packed


class KeptAnswers:
    """A WSGI application around another. `stamp` says what the releases are: when it gives another
    value, everything kept is dropped. Safe between threads."""

    def __init__(self, application: WSGIApplication, stamp: Callable[[], Hashable]) -> None:
        self._application = application
        self._stamp = stamp
        self._known: Hashable = None
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or "HTTP_RANGE" in environ:
            return self._application(environ, start)
        stamp, key = self._stamp(), _key(environ)
        found = self._find(stamp, key)
        if found is not None:
            return _give(found, environ, start)
        if any(name in environ for name in _CONDITIONS):
            return self._application(environ, start)
        return self._ask(environ, start, stamp, key)

    def _find(self, stamp: Hashable, key: Hashable) -> Kept | None:
        with self._lock:
            if stamp != self._known:
                self._kept.clear()
                self._known, self._bytes = stamp, 0
            found = self._kept.get(key)
            if found is None or found.until < time.monotonic():
                return None
            self._kept.move_to_end(key)
            return found

    def _ask(
        self, environ: WSGIEnvironment, start: StartResponse, stamp: Hashable, key: Hashable
    ) -> Iterable[bytes]:
        told: dict[str, Any] = {}

        def heard(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            told.update(status=status, headers=headers)
            return lambda _: None

        body = self._application(environ, heard)
        kept = _keepable(told["status"], Headers(told["headers"]), body)
        if kept is None:
            start(told["status"], told["headers"])
            return body
        self._keep(stamp, key, kept)
        return _give(kept, environ, start)

    def _keep(self, stamp: Hashable, key: Hashable, kept: Kept) -> None:
        with self._lock:
            if stamp != self._known:  # a release came meanwhile: this may be of before it
                return
            self._drop(key)
            self._kept[key] = kept
            self._bytes += _size(kept)
            while self._bytes > ROOM:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        old = self._kept.pop(key, None)
        self._bytes -= _size(old) if old else 0


def _key(environ: WSGIEnvironment) -> Hashable:
    language = parse_cookie(environ).get("lang", "")
    return (*(environ.get(n, "") for n in _NAMED), language, environ.get("HTTP_ACCEPT", ""))


def _keepable(status: str, headers: Headers, body: Iterable[bytes]) -> Kept | None:
    """The answer, if it may be kept; None leaves `body` as it was."""
    caching = parse_cache_control_header(headers.get("Cache-Control"), cls=ResponseCacheControl)
    length = headers.get("Content-Length", type=int)
    if not status.startswith("200") or "Set-Cookie" in headers or length is None:
        return None
    if "public" not in caching or not _seconds(caching) or length > LARGEST:
        return None
    content = b"".join(body)
    _close(body)
    headers.remove("Content-Length")
    mimetype = headers.get("Content-Type", "")
    packed = None
    if (
        len(content) >= _LEAST
        and mimetype.startswith(_TEXTS)
        and "Content-Encoding" not in headers
    ):
        packed = b""
        headers["Vary"] = ", ".join(filter(None, [headers.get("Vary"), "Accept-Encoding"]))
    etag, _ = unquote_etag(headers.pop("ETag", None))
    until = time.monotonic() + _seconds(caching)
    return Kept(until, headers.to_wsgi_list(), etag, content, packed)


def _seconds(caching: ResponseCacheControl) -> int:
    """How long it may be kept; 0 where nobody said, or it must be asked for each time."""
    return 0 if "no-cache" in caching else int(caching.max_age or 0)


def _give(kept: Kept, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    takes = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING"))
    packed = kept.pack() if takes.quality("gzip") > 0 else None
    headers = list(kept.headers)
    if kept.etag:
        # Another encoding is another representation, so a strong tag must differ (RFC 9110 8.8.3).
        etag = f"{kept.etag}-gzip" if packed else kept.etag
        headers.append(("ETag", f'"{etag}"'))
        if parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(etag):
            start("304 Not Modified", [h for h in headers if not h[0].startswith("Content-")])
            return [b""]
    body = packed or kept.body
    if packed:
        headers.append(("Content-Encoding", "gzip"))
    start("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]


def _size(kept: Kept) -> int:
    """What it takes at most, with a packed body that may come."""
    return len(kept.body) * (1 if kept.packed is None else 2) + 1024


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()
