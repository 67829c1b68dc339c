"""A private Redis that keeps nothing on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import redis

from tests.services.needs import require
from tests.services.server import free_port, server


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


def empty(url: str) -> None:
    """Removes everything from the database of the Redis at `url`."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()


@contextmanager
def redis_server() -> Iterator[str]:
    """Runs a Redis of its own; gives its URL."""
    require(["redis-server"])
    url = f"redis://127.0.0.1:{(port := free_port())}/0"
    with tempfile.TemporaryDirectory(prefix="hub-redis-") as name:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port)]
        command += ["--save", "", "--appendonly", "no", "--dir", name]
        command += ["--databases", "256"]  # one for each process of tests, on any machine
        with server(command, partial(_answers, url), Path(name) / "log"):
            yield url
