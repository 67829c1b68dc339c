"""Whoever acts: while somebody does, every transaction that writes ends with an entry in the audit log.

`hub.database.write` calls `note_act` just before it commits. So there is no act of a person without an
entry, whatever code does it, and if the entry can't be written the act isn't done either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from hub.audit.log import Entry, append

_ACTING: ContextVar[Entry | None] = ContextVar("acting", default=None)


@contextmanager
def acting(entry: Entry) -> Iterator[None]:
    """Until the block ends, what this thread writes is that act of that person."""
    token = _ACTING.set(entry)
    try:
        yield
    finally:
        _ACTING.reset(token)


@contextmanager
def nobody_acts() -> Iterator[None]:
    """Until the block ends, what this thread writes is the hub's own upkeep, and isn't noted."""
    token = _ACTING.set(None)
    try:
        yield
    finally:
        _ACTING.reset(token)


def tell(**details: Any) -> None:
    """Add to the details of what is being done, for entries from here on."""
    entry = _ACTING.get()
    if entry is not None:
        _ACTING.set(replace(entry, details={**entry.details, **details}))


def note_act(connection: Connection) -> None:
    """Note what is being done, if somebody acts, as the last thing in the transaction. What was done to no
    record, because another was quicker, isn't an act: its refusal is noted instead."""
    entry = _ACTING.get()
    if entry is not None and entry.details.get("records") != 0:
        append(connection, entry)
