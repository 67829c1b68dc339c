"""A bad line between a consumer and the hub: answers repeated, out of order, late, cut off, with a wrong bit."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What an answer may meet.
FAULTS = ("repeat", "reorder", "delay", "truncate", "flip", "flip_head", "drop")
_OWN = ("connection", "transfer-encoding", "content-length", "date", "server")


@dataclass(frozen=True, slots=True)
class Answer:
    """Of the hub, whole."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Line:
    """`share` of the answers meet a fault, 0 when the line has healed. `met` counts them. `passed` is
    called with the number of each request, before the hub has it."""

    target: int
    share: float
    chance: random.Random
    port: int = 0
    met: Counter[str] = field(default_factory=Counter)
    before: list[Answer] = field(default_factory=list)
    passed: Callable[[int], None] = lambda _: None
    requests: int = 0
    _next: list[str] = field(default_factory=list)

    def fault(self) -> str:
        """The next answer's; "" is none. Each kind comes as often as any other."""
        if self.chance.random() >= self.share:
            return ""
        self._next = self._next or self.chance.sample(FAULTS, len(FAULTS))
        name = self._next.pop()
        self.met[name] += 1
        return name


class _Handler(BaseHTTPRequestHandler):
    line: Line
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        """Any page."""
        self._pass_on()

    def do_POST(self) -> None:
        """Receipts and confirmations."""
        self._pass_on()

    def _pass_on(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body, met = self.rfile.read(size), self.line.fault()
        self.line.requests += 1
        self.line.passed(self.line.requests)
        answer = self._asked(self.path, body)
        if self.command == "GET" and met in ("repeat", "reorder"):
            answer = self._another(met, answer)
        self.line.before = [*self.line.before[-20:], answer]
        if met == "delay":
            time.sleep(self.line.chance.random() * 0.3)
        if met == "drop":
            self.close_connection = True
            return
        self._send(_damaged(answer, met, self.line.chance), cut=met == "truncate")

    def _asked(self, path: str, body: bytes) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.line.target, timeout=60)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _OWN}
            connection.request(self.command, path, body or None, headers)
            found = connection.getresponse()
            return Answer(found.status, found.getheaders(), found.read())
        finally:
            connection.close()

    def _another(self, met: str, answer: Answer) -> Answer:
        """An earlier answer once more; or the next page before this one."""
        if met == "reorder" and "after=" in self.path:
            head, _, rest = self.path.partition("after=")
            number, mark, more = rest.partition("&")
            return self._asked(f"{head}after={int(number) + 20}{mark}{more}", b"")
        return self.line.chance.choice(self.line.before) if self.line.before else answer

    def _send(self, answer: Answer, *, cut: bool) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        part = answer.body[: len(answer.body) // 2] if cut else answer.body
        self.wfile.write(part)
        self.close_connection = cut


def _damaged(answer: Answer, met: str, chance: random.Random) -> Answer:
    if met == "flip" and answer.body:
        body = bytearray(answer.body)
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        return Answer(answer.status, answer.headers, bytes(body))
    if met == "flip_head":
        wrong = [(k, _other(v) if k.lower().startswith("x-") else v) for k, v in answer.headers]
        return Answer(answer.status, wrong, answer.body)
    return answer


def _other(number: str) -> str:
    """Another digit at its end."""
    return number[:-1] + chr(ord(number[-1]) ^ 1) if number.isdigit() else number


@contextmanager
def bad_line(target: int, share: float, seed: int) -> Iterator[Line]:
    """The line to the loopback port `target`, until the block ends."""
    line = Line(target, share, random.Random(seed))
    handler: Any = type("Handler", (_Handler,), {"line": line})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        line.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            server.shutdown()
            thread.join()
