"""A line that breaks: passes on what a server sends, up to so many bytes, and hangs up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass
class Line:
    """`left` are the bytes that may still come from the server; None: as many as it has. With
    `again` every connection is cut after so many."""

    port: int = 0
    left: int | None = None
    again: bool = False
    cuts: int = 0
    connections: int = 0


@contextmanager
def cutting_proxy(target: int) -> Iterator[Line]:
    """Listens on a free loopback port, in front of the loopback port `target`."""
    line = Line()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line.port = listener.getsockname()[1]
        thread = threading.Thread(target=_accept, args=(listener, target, line), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, target: int, line: Line) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            line.connections += 1
            server = socket.create_connection(("127.0.0.1", target))
            for ends in ((client, server, None), (server, client, line)):
                threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, line: Line | None) -> None:
    left = line.left if line else None
    with suppress(OSError):
        while left != 0 and (block := source.recv(1 << 16)):
            target.sendall(block[:left])
            left = None if left is None else max(0, left - len(block))
    if line and left == 0:
        line.cuts += 1
        line.left = line.left if line.again else None
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
