"""One thread that works through what it is given, in order, beside the thread that gives it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

WAITING = 1  # tasks that may wait; more would only fill memory


class Background:
    """Use as a context; leaving it waits for the tasks. An error of a task is raised to the giver."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1)
        self._tasks: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=error is not None)

    def give(self, task: Callable[..., None], *arguments: Any) -> None:
        """Queue a task; waits while `WAITING` tasks are queued already."""
        self._tasks.append(self._executor.submit(task, *arguments))
        while len(self._tasks) > WAITING:
            self._tasks.popleft().result()

    def wait(self) -> None:
        """Until everything is done."""
        while self._tasks:
            self._tasks.popleft().result()
