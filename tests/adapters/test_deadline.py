"""Who sends a byte now and then isn't heard for ever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import stamina

from adapters.limits import Limits
from adapters.source_http import HttpSource
from exchange_schemas.errors import SourceUnavailable
from tests.adapters.fetching import fetch
from tests.services.http_server import Said, http_server

SHORT = Limits(seconds=1, request_seconds=1)


def stopped(url: str) -> float:
    """After how many seconds the pull of `url` was given up, and rightly so."""
    start = time.monotonic()
    with stamina.set_testing(True, attempts=3), pytest.raises(SourceUnavailable) as caught:
        fetch(HttpSource(), SHORT, url=url)
    assert caught.value.issue.code == "source_slow"
    return time.monotonic() - start


@pytest.mark.parametrize("length", ["200", ""], ids=["a length", "no length"])
def test_a_body_that_drips(length: str) -> None:
    """Without a length, what came until the end looks whole; it must not be taken for that."""
    with http_server() as web:
        web.answers["/a"] = lambda _a: Said(
            b"x" * 200, headers={"Content-Length": length}, slow=0.1
        )
        assert 0.9 < stopped(web.url + "/a") < 5
        assert len(web.asked) == 1


@contextmanager
def dripping(first: bytes) -> Iterator[int]:
    """The port of a server that says `first` and then one more byte ten times a second."""
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(first)
            try:
                while not over.wait(0.1):
                    connection.sendall(b"x")
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def test_a_header_that_drips() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nX-Long: ") as port:
        assert 0.9 < stopped(f"http://127.0.0.1:{port}/") < 5


def test_a_handshake_that_drips() -> None:
    record = b"\x16\x03\x03\x40\x00"  # TLS: a handshake message of 16,384 bytes follows
    with dripping(record + b"\x02\x00\x3f\xfc\x03\x03") as port:
        assert 0.9 < stopped(f"https://127.0.0.1:{port}/") < 5


def test_many_quick_requests_count_together() -> None:
    """The time is that of the pull, so a token and a page and a repetition don't each get it anew."""
    with http_server() as web:
        web.answers["/a"] = lambda _a: Said(b"x" * 6, slow=0.1, cut=5)
        assert stopped(web.url + "/a") < 5
        assert 2 <= len(web.asked) <= 3
