"""A listening server that can be stopped from a signal or from another thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 8
POLL = 0.5  # seconds within which the server notices that it should stop
LARGEST_BODY = 2**26  # bytes: a filing with its evidence, which the portal limits to less
DRAIN = 10  # seconds that answers under way are given to end
_FORWARDED = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}


class Listener:
    """Listens from the moment it is made; `run` answers until `close`, from any thread.

    `proxy` is the address of the one server before it that is believed when it names the client
    (X-Forwarded-For), host and scheme; nobody else's word counts.
    """

    def __init__(
        self, application: WSGIApplication, host: str, port: int, proxy: str | None = None
    ) -> None:
        self._sockets: dict[int, Any] = {}
        self._closing = False
        self._server = waitress.create_server(
            application,
            map=self._sockets,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,  # says nothing about what serves
            max_request_body_size=LARGEST_BODY,
            trusted_proxy=proxy,
            trusted_proxy_headers=_FORWARDED if proxy else (),
            clear_untrusted_proxy_headers=True,
        )

    @property
    def effective_port(self) -> int:
        """The port that is listened on, also where 0 was asked for."""
        # A host name with several addresses has several sockets, all on one port.
        several = getattr(self._server, "effective_listen", None)
        return int(several[0][1] if several else self._server.effective_port)

    def run(self) -> None:
        """Answer requests; returns when closed and answers under way have ended."""
        while not self._closing:
            wasyncore.loop(timeout=POLL, map=self._sockets, count=1)
        deadline = time.monotonic() + DRAIN
        while self._busy() and time.monotonic() < deadline:
            wasyncore.loop(timeout=POLL / 10, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def close(self) -> None:
        """Make `run` return soon."""
        self._closing = True

    def _busy(self) -> bool:
        channels = [s for s in self._sockets.values() if isinstance(s, HTTPChannel)]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)
