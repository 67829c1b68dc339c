"""The logbook: one row of `exchange_log` for everything that is handed over.

A commit waits for the disk. Requests that come at the same time share one, so that a hundred polling
consumers don't stand in a queue of a hundred commits.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, insert
from sqlalchemy.exc import SQLAlchemyError

from hub.database import write
from hub.instant import utc_now
from hub.ledger import dataset_id
from hub.tables import exchange_log

_INSERT = insert(exchange_log)


@dataclass(slots=True)
class _Line:
    dataset: str
    row: dict[str, Any]
    kept: bool = False
    error: Exception | None = None


class Logbook:
    """Writes what each request says, in the request: nothing is handed over that isn't kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: list[_Line] = []
        self._queued = threading.Lock()
        self._writing = threading.Lock()
        self._numbers: dict[str, int] = {}

    def keep(self, dataset: str, row: Mapping[str, Any]) -> None:
        """Return when the row is committed; raises what the database raised where it isn't.

        `row` has the columns of `exchange_log` but dataset_id and at.
        """
        line = _Line(dataset, {**row, "at": utc_now()})
        with self._queued:
            self._queue.append(line)
        with self._writing:  # whoever comes first writes for all that wait behind it
            if not line.kept and line.error is None:
                self._write()
        if line.error is not None:
            raise line.error

    def _write(self) -> None:
        with self._queued:
            lines, self._queue = self._queue, []
        failed: Exception | None = RuntimeError("the exchange wasn't logged")
        try:
            self._insert(lines)
            failed = None
        except SQLAlchemyError as error:
            failed = error
        finally:  # each of them refuses its request where it isn't kept
            for one in lines:
                one.kept, one.error = failed is None, failed

    def _insert(self, lines: list[_Line]) -> None:
        numbers = dict(self._numbers)
        with write(self._engine) as connection:
            for name in {one.dataset for one in lines} - numbers.keys():
                numbers[name] = dataset_id(connection, name)
            rows = [{**one.row, "dataset_id": numbers[one.dataset]} for one in lines]
            connection.execute(_INSERT, rows)
        self._numbers = numbers  # which never change
