"""/health, /ready and /metrics: whether the process lives, whether it can work, and how it does.

Metrics are shown to this machine, or to who has `HUB_METRICS_TOKEN`; where that is set, to nobody else.
A proxy on this machine also comes from it: what carries a proxy's mark, or asks for another host, isn't
taken for a request of this machine's.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import Engine
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from exchange_schemas.issue import Issue
from hub.monitoring.collector import Collector
from hub.monitoring.exposition import exposition
from hub.monitoring.facts import gather
from hub.monitoring.ready import Readiness, of_hub, of_portal
from hub.site import Site
from hub.web.problem import answer
from hub.web.watched import Watched

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TOKEN = "HUB_METRICS_TOKEN"  # noqa: S105 - the variable's name
HEALTH, READY, METRICS = "/health", "/ready", "/metrics"
PROBE = "probe"
#: First part of a path → class of routes.
CLASSES = {
    "/exchange": "exchange", "/console": "console", HEALTH: PROBE, READY: PROBE, METRICS: PROBE,
}  # fmt: skip
_OF_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
               "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")  # fmt: skip
_HERE = {"localhost", "127.0.0.1", "::1"}

Answering = Callable[[Request], Response]


def watch_hub(application: WSGIApplication, site: Site, engine: Engine) -> WSGIApplication:
    """The hub's server with its probes, and every request watched."""
    catalogue = site.catalogue()
    collector = Collector(lambda: gather(site, engine, catalogue))
    return _watched(application, of_hub(site, engine), collector)


def watch_portal(application: WSGIApplication, site: Site) -> WSGIApplication:
    """The portal alone with its probes: without the hub's database."""
    return _watched(application, of_portal(site), None)


def _watched(
    application: WSGIApplication, readiness: Readiness, collector: Collector | None
) -> WSGIApplication:
    answers: Mapping[str, Answering] = {
        HEALTH: _health,
        READY: partial(_ready, readiness),
        METRICS: partial(_metrics, collector),
    }
    probes: dict[str, WSGIApplication] = {p: _Probe(one) for p, one in answers.items()}
    return Watched(DispatcherMiddleware(application, probes), CLASSES)


class _Probe:
    """One address that is asked with GET or HEAD."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        response = self._answer(Request(environ))
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response(environ, start)

    def _answer(self, asked: Request) -> Response:
        if asked.path not in ("", "/"):
            issue = Issue("address_unknown", value=asked.root_path + asked.path)
            return answer(HTTPStatus.NOT_FOUND, issue)
        if asked.method not in ("GET", "HEAD"):
            refused = Issue("method_refused", value=asked.method)
            response = answer(HTTPStatus.METHOD_NOT_ALLOWED, refused)
            response.headers["Allow"] = "GET, HEAD"
            return response
        return self._answering(asked)


def _health(_asked: Request) -> Response:
    return Response("ok\n", mimetype="text/plain")


def _ready(readiness: Readiness, _asked: Request) -> Response:
    failing = readiness.failing()
    if not failing:
        return Response("ready\n", mimetype="text/plain")
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, Issue("not_ready", value=", ".join(failing)))


def _metrics(collector: Collector | None, asked: Request) -> Response:
    if not may_see_metrics(asked):
        return answer(HTTPStatus.FORBIDDEN, Issue("metrics_refused"))
    text, media_type = exposition(collector)
    return Response(text, content_type=media_type)


def may_see_metrics(asked: Request) -> bool:
    """Whether who asks has the token; where none is set, whether it is this machine."""
    token = os.environ.get(TOKEN, "")
    if token:
        shown = asked.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    try:
        near = ipaddress.ip_address(asked.remote_addr or "")
        host = urlsplit(f"//{asked.headers.get('Host', '')}").hostname
    except ValueError:
        return False
    near = getattr(near, "ipv4_mapped", None) or near
    plain = not any(name in asked.environ for name in _OF_PROXIES)
    return near.is_loopback and plain and host in _HERE
