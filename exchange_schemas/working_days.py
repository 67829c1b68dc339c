"""Working days of mainland China, whole columns at a time.

The State Council's holidays and the weekends worked in exchange come from `chinese_calendar`, which
knows them from 2004 to the year that has been announced. Beyond that there is no verdict.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
from chinese_calendar import constants, is_workday
from numpy.typing import NDArray

_EPOCH = date(1970, 1, 1)


@cache
def horizon() -> tuple[date, date]:
    """The first and the last day of which it is known whether it is worked."""
    years = [day.year for day in constants.holidays]
    return date(min(years), 1, 1), date(max(years), 12, 31)


@cache
def _counted() -> NDArray[np.int32]:
    """By days since the first known one: how many days were worked until then, itself included."""
    first, last = horizon()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return np.cumsum([is_workday(day) for day in days], dtype=np.int32)


def working_days_after(begin: pl.Series, end: pl.Series) -> pl.Series:
    """Int32: how many of the days after `begin` until `end` (Date, itself included) are worked.

    Null where either is null or beyond the horizon.
    """
    counted, first = _counted(), (horizon()[0] - _EPOCH).days
    places = [(day.cast(pl.Int32) - first).fill_null(-1).to_numpy() for day in (begin, end)]
    unknown = (np.minimum(*places) < 0) | (np.maximum(*places) >= len(counted))
    before, until = (counted.take(place, mode="clip") for place in places)
    return pl.Series(end.name, until - before).set(pl.Series(unknown), None)
