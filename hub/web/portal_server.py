"""The public portal alone, in worker processes of gunicorn: what stands on the public machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from werkzeug.middleware.proxy_fix import ProxyFix

from hub.monitoring.http_counts import share
from hub.site import Site
from hub.web.monitoring import watch_portal
from hub.web.server import check_database, portal_of
from publisher.portal.allowance import rate_of
from publisher.portal.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 4  # of each worker, so that a slow reader of a large file keeps nobody waiting
DRAIN = 30  # seconds that answers under way are given to end
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO")


class Believing:
    """Believes the one proxy before it, when it names the client, host and scheme, and nobody else."""

    def __init__(self, application: WSGIApplication, proxy: str | None) -> None:
        self._application = application
        self._behind = ProxyFix(application, x_for=1, x_proto=1, x_host=1)
        self._proxy = proxy

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if self._proxy is not None and environ.get("REMOTE_ADDR") == self._proxy:
            return self._behind(environ, start)
        for name in _FORWARDED:
            environ.pop(name, None)
        return self._application(environ, start)


class Logged(Logger):
    """gunicorn's own events go where all others go (`hub.monitoring.logs`)."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does it, but for its handlers."""
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


class PortalServer(BaseApplication):
    """gunicorn's master process for a site's portal; `run` returns when it is told to stop.

    Raises Misdeclared where the portal's settings are wrong, before any worker is begun.
    """

    def __init__(
        self, site: Site, bind: str, workers: int, ready: Callable[[str], None] | None = None
    ) -> None:
        check_database(site)
        read_settings(site.portal_settings, os.environ)
        rate_of(os.environ)
        share()
        self._site, self._bind, self._workers = site, bind, workers
        self._ready = ready or (lambda _: None)
        super().__init__()

    def load_config(self) -> None:
        """The settings of gunicorn: no access log, since a proxy writes one."""
        settings: dict[str, Any] = {
            "bind": self._bind, "workers": self._workers, "worker_class": "gthread",
            "threads": THREADS, "graceful_timeout": DRAIN, "keepalive": 5,
            "when_ready": self._told, "control_socket_disable": True, "logger_class": Logged,
        }  # fmt: skip
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in each worker."""
        watched = watch_portal(portal_of(self._site), self._site)
        return Believing(watched, self._site.trusted_proxy)

    def _told(self, server: Any) -> None:
        host, port = server.LISTENERS[0].sock.getsockname()[:2]
        self._ready(f"http://{host}:{port}")
