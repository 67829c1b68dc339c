"""Arrivals: wakes whoever waits for new entries of a dataset.

One thread looks for all of them, with one small query per `TICK`, and only while anybody waits. That
is the same on SQLite and PostgreSQL, sees what any process commits, and needs no connection for each
one who waits (docs/decisions/0043).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from hub.database import look
from hub.tables import dataset

TICK = 0.05  # seconds between two looks
MOST = 256  # who may wait at a time
MOST_OF_ONE = 16  # … of one consumer: it can't keep the others out

#: What tells that a dataset's ledger or its published records have moved on.
State = tuple[int | None, int | None, int | None]

_STATES = select(
    dataset.c.name, dataset.c.seq, dataset.c.published_release, dataset.c.published_move
)

logger = logging.getLogger(__name__)


class Arrivals:
    """Who waits for what; `close` wakes all of them for good."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._moved = threading.Condition()
        self._states: dict[str, State] = {}
        self._waiting: Counter[int] = Counter()
        self._watching = False
        self._closed = False

    @contextmanager
    def place(self, consumer_id: int) -> Iterator[bool]:
        """Whether this consumer may wait: False where too many do already, or the server ends."""
        with self._moved:
            full = self._waiting.total() >= MOST or self._waiting[consumer_id] >= MOST_OF_ONE
            granted = not (full or self._closed)
            self._waiting[consumer_id] += granted
        try:
            yield granted
        finally:
            with self._moved:
                self._waiting[consumer_id] -= granted
                self._waiting += Counter()  # drops those at 0

    def wait(self, name: str, seen: State, until: float) -> bool:
        """Sleep until the dataset has left the state `seen`, which was read before what is in it: so
        nothing that comes between the look and the wait is missed. False where the monotonic time `until`
        came first, or the server ends. Asked for within a `place`."""
        with self._moved:
            self._states.pop(name, None)  # what an earlier look saw may be older than `seen`
            self._watch()
            while not self._closed and self._states.get(name, seen) == seen:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._moved.wait(left)
            return not self._closed

    def close(self) -> None:
        """Nobody waits any more."""
        with self._moved:
            self._closed = True
            self._moved.notify_all()

    def _watch(self) -> None:
        if not self._watching:
            self._watching = True
            threading.Thread(target=self._look_on, name="arrivals", daemon=True).start()

    def _look_on(self) -> None:
        while True:
            found = self._look()
            with self._moved:
                if self._closed or not self._waiting:
                    self._watching = False
                    return
                if found is not None and found != self._states:
                    self._states = found
                    self._moved.notify_all()
                self._moved.wait_for(lambda: self._closed, TICK)

    def _look(self) -> dict[str, State] | None:
        try:
            with look(self._engine) as connection:
                return _states(connection)
        except SQLAlchemyError as error:
            # They wait on; their own next query will say what is wrong.
            logger.warning("%s while looking for new entries", type(error).__name__)
            return None


def _states(connection: Connection) -> dict[str, State]:
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(_STATES)}
