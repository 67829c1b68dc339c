"""The listening server: stops when told, and not in the middle of an answer."""

import threading
import time
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from hub.web.listener import Listener
from tests.hub.exchange_hub import listening

BODY = b"x" * 3_000_000


def slow(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    time.sleep(0.7)
    start("200 OK", [("Content-Length", str(len(BODY)))])
    return [BODY]


def test_an_answer_under_way_is_given_whole() -> None:
    listener = Listener(slow, "127.0.0.1", 0)
    thread = threading.Thread(target=listener.run)
    thread.start()
    answers: list[bytes] = []
    url = f"http://127.0.0.1:{listener.effective_port}/"
    client = threading.Thread(target=lambda: answers.append(httpx.get(url, timeout=20).content))
    client.start()
    time.sleep(0.3)
    listener.close()
    client.join(timeout=20)
    thread.join(timeout=20)
    assert answers == [BODY]
    assert not thread.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, timeout=5)


def test_a_port_is_taken_once() -> None:
    with listening(slow) as url, pytest.raises(OSError, match="in use"):
        Listener(slow, "127.0.0.1", int(url.rpartition(":")[2]))


def test_a_name_with_several_addresses_has_one_port() -> None:
    listener = Listener(slow, "localhost", 0)
    assert listener.effective_port > 0
    listener.close()
    listener.run()


def address(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [])
    return [environ["REMOTE_ADDR"].encode()]


@pytest.mark.parametrize(
    ("proxy", "seen"),
    [("127.0.0.1", "192.0.2.7"), ("192.0.2.1", "127.0.0.1"), (None, "127.0.0.1")],
)
def test_only_the_trusted_proxy_names_the_client(proxy: str | None, seen: str) -> None:
    listener = Listener(address, "127.0.0.1", 0, proxy)
    thread = threading.Thread(target=listener.run)
    thread.start()
    url = f"http://127.0.0.1:{listener.effective_port}/"
    said = httpx.get(url, headers={"X-Forwarded-For": "192.0.2.7"}, timeout=20).text
    listener.close()
    thread.join(timeout=20)
    assert said == seen
