"""The cursor of an increment: a value of a database's column as exact text, and back.

A cursor is compared by the database, never here: collations are the database's own business.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

HERE = timezone(timedelta(hours=8))  # Chinese time, which the converters take naive times for


def cursor_text(value: Any, column: str) -> str:
    """`value` as exact text; raises Misdeclared (increment_unfit) for what has no order in time."""
    match value:
        case datetime():
            return value.isoformat(" ")
        case date() | UUID():
            return str(value)
        case bool() | None:
            raise _unfit(column, f"it holds {value}")
        case Decimal() | float() if not math.isfinite(value):
            raise _unfit(column, f"it holds {value}")
        case Decimal():
            return format(value, "f")
        case int() | float() | str():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
    raise _unfit(column, f"it holds values of the type {type(value).__name__}")


def cursor_value(text: str, sample: Any, column: str) -> Any:
    """What `cursor_text` made into `text`, as a value of `sample`'s type.

    `text` may also be what a person wrote under `start:`. Raises Misdeclared (increment_unfit).
    """
    kind = type(sample).__name__
    for types, read in _READ:
        if isinstance(sample, types) and not isinstance(sample, bool):
            try:
                return read(text, sample)
            except (ValueError, InvalidOperation) as error:
                raise _unfit(column, f"{text} isn't a {kind}, as its values are") from error
    raise _unfit(column, f"it holds values of the type {kind}")


def set_back(value: Any, overlap: float, column: str) -> Any:
    """`value` less `overlap`: seconds for times, whole days of them for dates, else an amount.

    An overlap of 0 fits values of any type. Raises Misdeclared (increment_unfit).
    """
    if not overlap:
        return value
    try:
        match value:
            case datetime():
                return value - timedelta(seconds=overlap)
            case date():
                return value - timedelta(days=math.ceil(overlap / 86400))
            case Decimal():
                return value - Decimal(str(overlap))
            case int() | float():
                return value - (int(overlap) if float(overlap).is_integer() else overlap)
    except OverflowError:  # back before the year 1: everything
        return type(value).min if not isinstance(value, datetime) else _first(value)
    raise _unfit(column, "an overlap other than 0 needs a column of times or numbers")


def _first(value: datetime) -> datetime:
    return datetime.min.replace(tzinfo=UTC if value.tzinfo else None)


def _moment(text: str, sample: datetime) -> datetime:
    """A time without offset is Chinese time, and Chinese time is what one without it is given in."""
    value = datetime.fromisoformat(text)
    if sample.tzinfo:
        return value if value.tzinfo else value.replace(tzinfo=HERE)
    return value.astimezone(HERE).replace(tzinfo=None) if value.tzinfo else value


def _number(text: str, _sample: float) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


_READ: tuple[tuple[Any, Callable[[str, Any], Any]], ...] = (
    (datetime, _moment),  # before date, which it is too
    (date, lambda text, _: date.fromisoformat(text[:10])),
    (UUID, lambda text, _: UUID(text)),
    (Decimal, lambda text, _: Decimal(text)),
    ((int, float), _number),
    ((bytes, bytearray, memoryview), lambda text, _: bytes.fromhex(text)),
    (str, lambda text, _: text),
)


def _unfit(column: str, reason: str) -> Misdeclared:
    return Misdeclared(Issue("increment_unfit", value=column, params={"reason": reason}))
