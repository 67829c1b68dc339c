"""A listening server that can be stopped from a signal or from another thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import waitress
from waitress import wasyncore
from waitress.channel import HTTPChannel

from hub.web.client_certificate import Certified
from hub.web.sent_file import FileChannel, SentFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_WORK = 8  # threads that work, beside those that wait
CONNECTIONS = 1_000  # open at a time, the idle ones too; more wait to be accepted
POLL = 0.5  # seconds within which the server notices that it should stop
LARGEST_BODY = 2**26  # bytes: a filing with its evidence, which the portal limits to less
DRAIN = 10  # seconds that answers under way are given to end
_FORWARDED = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}


class Listener:
    """Listens from the moment it is made; `run` answers until `close`, from any thread.

    `proxy` is the address of the one server before it that is believed when it names the client
    (X-Forwarded-For), host and scheme; nobody else's word counts. `waiting` is how many requests may
    wait for something (`hub.web.turns`) beside those that are worked on; `ended` is called when it
    stops, to wake them.
    """

    def __init__(
        self,
        application: WSGIApplication,
        host: str,
        port: int,
        proxy: str | None = None,
        waiting: int = 0,
        ended: Callable[[], None] | None = None,
    ) -> None:
        self._sockets: dict[int, Any] = {}
        self._closing = False
        self._ended = ended or (lambda: None)
        self._server = waitress.create_server(
            _sending_files(application),
            map=self._sockets,
            host=host,
            port=port,
            threads=AT_WORK + waiting,
            connection_limit=CONNECTIONS,
            ident=None,  # says nothing about what serves
            max_request_body_size=LARGEST_BODY,
            trusted_proxy=proxy,
            trusted_proxy_headers=_FORWARDED if proxy else (),
            clear_untrusted_proxy_headers=True,
        )
        for one in list(self._sockets.values()):
            if hasattr(one, "channel_class"):
                one.channel_class = FileChannel
                one.application = Certified(one.application, proxy)

    @property
    def effective_port(self) -> int:
        """The port that is listened on, also where 0 was asked for."""
        # A host name with several addresses has several sockets, all on one port.
        several = getattr(self._server, "effective_listen", None)
        return int(several[0][1] if several else self._server.effective_port)

    def run(self) -> None:
        """Answer requests; returns when closed and answers under way have ended."""
        while not self._closing:
            self._turn(POLL)
        self._ended()
        deadline = time.monotonic() + DRAIN
        while self._busy() and time.monotonic() < deadline:
            self._turn(POLL / 10)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def close(self) -> None:
        """Make `run` return soon."""
        self._closing = True

    def _turn(self, seconds: float) -> None:
        # poll: select() can't look at more than 1,024 descriptors.
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._sockets, count=1)

    def _busy(self) -> bool:
        channels = [s for s in self._sockets.values() if isinstance(s, HTTPChannel)]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _sending_files(application: WSGIApplication) -> WSGIApplication:
    def answered(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.file_wrapper"] = SentFile
        return application(environ, start)

    return answered
