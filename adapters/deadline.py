"""An end to all of a pull's requests: whoever sends a byte a minute isn't heard for ever.

A time-out of a socket starts anew with every byte. So when the time is over, the connections are
shut from outside, wherever their reading has got to, in a header or a body.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from weakref import WeakSet

from exchange_schemas.errors import SourceUnavailable
from exchange_schemas.issue import Issue


class Connections:
    """The open connections of one session."""

    def __init__(self) -> None:
        self._open: WeakSet[socket.socket] = WeakSet()
        self._lock, self._over = Lock(), False

    def add(self, connection: socket.socket) -> socket.socket:
        """`connection` itself, known from now on."""
        with self._lock:
            self._open.add(connection)
            if self._over:
                _shut(connection)
        return connection

    @contextmanager
    def until(self, seconds: float, place: str) -> Iterator[None]:
        """Ends what the block reads after so many seconds.

        Raises SourceUnavailable (source_slow) then, whatever the reading made of it: a body without
        a length looks whole when its connection ends.
        """
        timer = Timer(max(seconds, 0), self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except Exception as error:
            if self._over:
                raise _slow(place) from error
            raise
        finally:
            timer.cancel()
        if self._over:
            raise _slow(place)

    def _end(self) -> None:
        with self._lock:
            self._over = True
            for connection in list(self._open):
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it has ended already
        connection.shutdown(socket.SHUT_RDWR)


def _slow(place: str) -> SourceUnavailable:
    return SourceUnavailable(Issue("source_slow", value=place))
