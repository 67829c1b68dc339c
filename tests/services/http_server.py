"""A real web server for the tests, on a free loopback port: what it answers, a test writes down."""

from __future__ import annotations

import threading
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
    """An answer. `cut` sends only so many bytes of the body and closes the connection."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


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
def http_server(host: str = "127.0.0.1") -> Iterator[Web]:
    """Runs the server until the block ends."""
    web = Web("")
    server = ThreadingHTTPServer((host, 0), _handler(web))
    server.daemon_threads = True
    web.url = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body[: said.cut])
            if said.cut is not None:
                self.close_connection = True

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server asks for

        def log_message(self, *_: Any) -> None:
            """Nothing: the test has `asked`."""

    return Handler
