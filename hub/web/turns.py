"""Turns: how many requests are worked on at a time, however many are waiting for something new."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TURNS = "hub.turns"  # where a request finds them in its environment


class Turns:
    """Lets `at_work` requests in at a time. One that only waits gives its turn to another, so that a
    hundred waiting consumers cost a hundred sleeping threads and keep nobody out."""

    def __init__(self, application: WSGIApplication, at_work: int) -> None:
        self._application = application
        self._free = threading.Semaphore(at_work)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ[TURNS] = self
        with self._free:
            return self._application(environ, start)

    @contextmanager
    def given_away(self) -> Iterator[None]:
        """For the length of the block another request may work."""
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()


@contextmanager
def resting(environ: WSGIEnvironment) -> Iterator[None]:
    """Gives this request's turn away for the length of the block, where there are turns."""
    turns = environ.get(TURNS)
    if turns is None:
        yield
        return
    with turns.given_away():
        yield
