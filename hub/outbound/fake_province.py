"""A small province to deliver to: a SOAP and a JSON service over real HTTP, and faults on demand.

For tests, and for an integrator to try a target on: `hub target province --port 8099`. It keeps nothing
when it ends, and it isn't safe for real records.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hub.outbound.fake_book import DUPLICATE, REJECTED, Book
from hub.outbound.fake_soap import answer, description, fault, message_of, read_call

#: What the next request may meet: expire (its session has ended), lost (it is taken, and the answer
#: gets lost), busy (503), error (500), slow, strange (an answer that nobody understands), half (only
#: some of a batch is answered).
FAULTS = ("expire", "lost", "busy", "error", "slow", "strange", "half")
USER, PASSWORD = "maoming", "try-it-out"
_EXPIRED = "403:login timeout"


@dataclass
class Province:
    """`faults` are met by the next requests, in order ("" is none); `lasts` is how many messages a
    session is good for; `on_message` is called before each is taken."""

    book: Book = field(default_factory=Book)
    url: str = ""
    lasts: int = 1 << 30
    slow_seconds: float = 2.0
    faults: list[str] = field(default_factory=list)
    logins: int = 0
    calls: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    _tokens: dict[str, int] = field(default_factory=dict)

    @property
    def wsdl(self) -> str:
        """Where the SOAP service describes itself."""
        return f"{self.url}/soap?wsdl"

    @property
    def json_url(self) -> str:
        """Where batches are posted."""
        return f"{self.url}/exchange"

    def log_in(self, user: str, password: str) -> str:
        """A token; "" where they are wrong."""
        if (user, password) != (USER, PASSWORD):
            return ""
        self.logins += 1
        token = f"token-{self.logins}"
        self._tokens[token] = self.lasts
        return token

    def is_valid(self, token: str) -> bool:
        """Whether the session takes another message."""
        self._tokens[token] = self._tokens.get(token, 0) - 1
        return self._tokens[token] >= 0

    def next_fault(self) -> str:
        """What the next request meets."""
        return self.faults.pop(0) if self.faults else ""


class _Lost(Exception):
    """The connection ends without an answer."""


class _Handler(BaseHTTPRequestHandler):
    province: Province
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Silent: nobody reads it."""

    def do_GET(self) -> None:
        """The description of the SOAP service, or what the province holds."""
        if self.path.startswith("/soap"):
            self._answer(200, description(f"{self.province.url}/soap").encode(), "text/xml")
        else:
            told = json.dumps(list(self.province.book.records.values()), ensure_ascii=False)
            self._answer(200, told.encode(), "application/json")

    def do_POST(self) -> None:
        """A call or a batch."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path.startswith("/soap"):
                self._soap(body)
            else:
                self._batch(body)
        except _Lost:
            self.close_connection = True

    def _soap(self, body: bytes) -> None:
        call = read_call(body)
        if call.operation == "auth":
            token = self.province.log_in(call.told.get("user", ""), call.told.get("password", ""))
            self._answer(200, answer("auth", token), "text/xml")
            return
        self.province.calls += 1
        met = self.province.next_fault()
        if not self._stopped(met):
            valid = self.province.is_valid(call.head.get("token", "")) and met != "expire"
            text = self._taken(call.told.get("message", "")) if valid else _EXPIRED
            if met == "lost":
                raise _Lost
            self._answer(200, answer("bsync", "??" if met == "strange" else text), "text/xml")

    def _taken(self, message: str) -> str:
        try:
            flow, item, sn, operation, fields = message_of(message)
        except ValueError as error:
            return f"400:{error}"
        state, reason = self.province.book.take(flow, item, sn, operation, fields)
        code = {REJECTED: "400", DUPLICATE: "409"}.get(state, "200")
        return f"{code}:{reason or 'ok'}"

    def _batch(self, body: bytes) -> None:
        province = self.province
        province.calls += 1
        province.headers.append(dict(self.headers.items()))
        province.bodies.append(body)
        met = province.next_fault()
        if self._stopped(met):
            return
        results = [self._result(one) for one in json.loads(body)["entries"]]
        if met == "lost":
            raise _Lost
        told: Any = {"results": results[: (len(results) + 1) // 2] if met == "half" else results}
        self._answer(
            200, json.dumps("?" if met == "strange" else told).encode(), "application/json"
        )

    def _result(self, one: dict[str, Any]) -> dict[str, str]:
        fields = {name: text for name, text in one["fields"].items() if text}
        taken = self.province.book.take(
            one["flow"], one["item"], one["sn"], one["operation"], fields
        )
        code = "R01" if taken[0] == REJECTED else ""
        return {"flow": one["flow"], "state": taken[0], "code": code, "reason": taken[1]}

    def _stopped(self, met: str) -> bool:
        """Whether the request met a fault before anything was taken."""
        if met == "slow":
            time.sleep(self.province.slow_seconds)
            raise _Lost
        status = {"busy": 503, "error": 500}.get(met)
        if status:
            self._answer(status, fault("no such luck"), "text/xml")
        return status is not None

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def running(province: Province | None = None, port: int = 0) -> Iterator[Province]:
    """The province on a loopback port until the block ends."""
    known = province or Province()
    handler = type("Handler", (_Handler,), {"province": known})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        known.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield known
        finally:
            server.shutdown()
            thread.join()
