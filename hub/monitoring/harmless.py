"""A log record without what must not be told: an error is its kind, never its text, which may quote a record."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue

OWN = ("hub", "adapters", "publisher", "exchange_schemas")
_FORMATTED = ("message", "asctime", "exc_text")
PLACES = 12  # of a traceback, the innermost


def harmless(record: logging.LogRecord) -> logging.LogRecord:
    """A copy for the line. Of other libraries only the template counts: what they fill in may be
    anything, an address with what somebody searched for."""
    # What another handler has left there is the whole text, with its values.
    told = {name: one for name, one in record.__dict__.items() if name not in _FORMATTED}
    safe = logging.makeLogRecord(told)
    safe.stack_info = None
    if isinstance(record.msg, Mapping):  # structlog's own, which is cleaned field by field
        return safe
    if record.name.partition(".")[0] not in OWN:
        safe.args = ()
    else:
        safe.args = _words(record.args)
    safe.msg = record.msg if isinstance(record.msg, str) else str(word(record.msg))
    return safe


def _words(args: Any) -> Any:
    if isinstance(args, Mapping):
        return {name: word(one) for name, one in args.items()}
    return tuple(word(one) for one in args or ())


def word(told: Any) -> Any:
    """What stands in a line for an argument of it."""
    if isinstance(told, HubError):
        return told.issue.code
    if isinstance(told, Issue):
        return told.code
    return type(told).__name__ if isinstance(told, BaseException) else told


def places(trace: TracebackType | None) -> list[str]:
    """Where an error came from: file, line and function, without a line of source or a value."""
    found = traceback.extract_tb(trace)[-PLACES:]
    return [f"{one.filename}:{one.lineno} {one.name}" for one in found]
