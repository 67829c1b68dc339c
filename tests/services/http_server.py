"""A real web server for the tests, on a free loopback port: what it answers, a test writes down."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: `params` and `form` have each name's last value."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Said:
    """An answer. `cut` sends only so many bytes of the body and closes the connection; `slow` waits
    so many seconds before each byte of it. A header with an empty value isn't sent."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    slow: float = 0.0


Answer = Callable[[Asked], Said]


@dataclass
class Web:
    """`answers` maps paths to what answers them; `asked` is every request in its order."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def say(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        """Always answer so."""
        data = body.encode() if isinstance(body, str) else body
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = lambda _asked: Said(data, status, names)

    def in_turn(self, path: str, *said: Said) -> None:
        """Answer so, one after the other; the last one stays."""
        left = list(said)
        self.answers[path] = lambda _asked: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def http_server(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Web]:
    """Runs the server until the block ends; over TLS where it is given a certificate."""
    web = Web("")
    server = _Server((host, 0), _handler(web))
    if tls is not None:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    web.url = f"{'https' if tls else 'http'}://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: that a client hangs up is what some tests are about."""


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            told = urlsplit(self.path)
            size = int(self.headers.get("Content-Length") or 0)
            asked = Asked(self.command, told.path, dict(parse_qsl(told.query)),
                          dict(self.headers.items()), self.rfile.read(size))  # fmt: skip
            web.asked.append(asked)
            answer = web.answers.get(told.path)
            said = answer(asked) if answer else Said(b"", 404)
            self.send_response(said.status)
            length = {"Content-Length": str(len(said.body))}
            for name, value in {**length, **said.headers}.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            body = said.body[: said.cut]
            for piece in _pieces(body) if said.slow else [body]:
                time.sleep(said.slow)
                self.wfile.write(piece)
                self.wfile.flush()
            if said.cut is not None or said.headers.get("Content-Length") == "":
                self.close_connection = True

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: Any) -> None:
            """Nothing: the test has `asked`."""

    return Handler


def _pieces(body: bytes) -> list[bytes]:
    return [body[n : n + 1] for n in range(len(body))]
