"""To which run, feed, job, request … a log line belongs: bound for the length of a block.

Names in use: request, job, kind, run, feed, dataset, record, consumer, target. Ids and names of
declarations only, never a value of a record.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from structlog import contextvars


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Every log line of the block carries `ids`; None stands for one that isn't known yet."""
    with contextvars.bound_contextvars(**ids):
        yield


def bind(**ids: object) -> None:
    """Ids that became known within a block of `bound` that named them."""
    contextvars.bind_contextvars(**ids)


def begin(**ids: object) -> None:
    """Forget all that was bound and bind `ids`: a thread of a server takes another request."""
    contextvars.clear_contextvars()
    contextvars.bind_contextvars(**ids)


def current(name: str) -> str | None:
    """What is bound to a name."""
    found = contextvars.get_contextvars().get(name)
    return None if found is None else str(found)
