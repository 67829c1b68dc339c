"""Storage that speaks S3, on a free loopback port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moto.server import ThreadedMotoServer

from tests.services.server import free_port


@contextmanager
def s3_server() -> Iterator[str]:
    """Runs an empty storage until the block ends; gives its host and port."""
    server = ThreadedMotoServer("127.0.0.1", free_port(), verbose=False)
    server.start()
    try:
        yield "{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()
