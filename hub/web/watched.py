"""Around the whole server: every request has an id, is counted, and is a span where traces are asked for."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hub.monitoring import bound
from hub.monitoring.http_counts import http_counts
from hub.monitoring.traces import span
from hub.web.request_id import ENVIRON, HEADER, request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FAILED = "5"  # the first digit of a status that is our own fault

logger = logging.getLogger(__name__)


class Watched:
    """`classes`: beginning of a path → class of routes, and `usual` that of all others: few, so that nobody
    makes metrics of addresses."""

    def __init__(
        self, application: WSGIApplication, classes: Mapping[str, str], usual: str = "portal"
    ) -> None:
        self._application, self._classes, self._usual = application, classes, usual

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        begin = time.perf_counter()
        known = request_id(environ.get("HTTP_X_REQUEST_ID"))
        environ[ENVIRON] = known
        bound.begin(request=known)
        route = self._class_of(environ.get("PATH_INFO", ""))
        told = ["500"]

        def heard(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told[0] = status[:3]
            return start(status, [*headers, (HEADER, known)], *rest)

        def ended() -> None:
            _count(route, told[0], time.perf_counter() - begin)

        try:
            with span("request", route=route, request=known):
                body = self._application(environ, heard)
        except BaseException:
            ended()
            raise
        # A list is at its end already, and a file is sent by the server itself, which must know it again.
        if isinstance(body, list | tuple | environ.get("wsgi.file_wrapper", tuple)):
            ended()
            return body
        return _Counted(body, ended)

    def _class_of(self, path: str) -> str:
        first = "/" + path.lstrip("/").partition("/")[0]
        return self._classes.get(first, self._usual)


def _count(route: str, status: str, seconds: float) -> None:
    http_counts().add(route, status, seconds)
    if status.startswith(FAILED) and status != "503":
        logger.error("a request failed", extra={"route": route, "status": status})


class _Counted:
    """A body that tells when its last part was taken, or its reader left."""

    def __init__(self, body: Iterable[bytes], ended: Any) -> None:
        self._body, self._ended, self._over = body, ended, False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Close the body; the server calls it in any case."""
        close = getattr(self._body, "close", None)
        try:
            if close is not None:
                close()
        finally:
            if not self._over:
                self._over = True
                self._ended()
