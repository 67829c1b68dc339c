"""The values of a workbook's cells as text: as a person would type them, whatever Excel shows.

Excel keeps numbers to 15 digits and shows no more, so no more are written out: 0.1 + 0.2 is 0.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

PRECISE = 10**15  # from here on a number has more digits than Excel keeps: the last are zeros


def texts(values: Iterable[Any]) -> list[str]:
    """The values as text; "" for an empty cell."""
    values = list(values)
    if set(map(type, values)) <= {str}:  # as most columns are
        return values
    return [value if type(value) is str else _WAYS[type(value)](value) for value in values]


def number_text(value: float) -> str:
    """Plain digits: 12 for 12.0, 440902199001011000 for 4.40902199001011E+17."""
    if abs(value) < PRECISE and value == int(value):
        return str(int(value))
    text = format(value, ".15g")
    return format(Decimal(text), "f") if "e" in text else text


def _moment(value: datetime) -> str:
    """A date and a time of day; Excel's times are fractions of a day, so they are rounded to 1 ms."""
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds: 26:30:00."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


_WAYS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    int: number_text,
    float: number_text,
    date: date.isoformat,
    datetime: _moment,
    time: lambda value: value.isoformat(timespec="seconds"),
    timedelta: _duration,
}
