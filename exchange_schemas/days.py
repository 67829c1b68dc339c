"""Days written as 2026-01-31, whole columns at a time."""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exchange_schemas.fixed_width import Adder, verdicts

HERE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Today where the departments are: days of standards and of the law begin there."""
    return datetime.now(HERE).date()


_DASH = {"-": 0}
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _digits(worth: int) -> dict[str, int]:
    return {str(digit): digit * worth for digit in range(10)}


# year × 2¹⁴ + month × 100 + day, which is 9,999 at most: any two digits keep their place
_BITS, _REST = 14, 2**14 - 1
_WRITTEN = Adder([
    *(_digits(worth << _BITS) for worth in (1000, 100, 10, 1)), _DASH,
    *map(_digits, (1000, 100)), _DASH,
    *map(_digits, (10, 1)),
])  # fmt: skip


def day_verdicts(values: pl.Series) -> pl.Series:
    """UInt8: MALFORMED where a text isn't a day that exists, FINE where it is, null where null."""
    total = _WRITTEN.sums(values)
    day, year = _days_of_year().take(total & _REST), _years().take(total >> _BITS)
    return verdicts(values, day > year)


@cache
def _days_of_year() -> NDArray[np.uint8]:
    """By month × 100 + day: 1 every year, 2 in leap years, 3 never."""
    table = np.full(_REST + 1, 3, dtype=np.uint8)
    for month, length in enumerate(_LENGTHS, 1):
        table[month * 100 + 1 : month * 100 + length + 1] = 1
    table[229] = 2
    return table


@cache
def _years() -> NDArray[np.uint8]:
    """By year: 1, or 2 in a leap year; 0 for what is too large, because it wasn't one."""
    table = np.zeros(2 ** (32 - _BITS), dtype=np.uint8)
    table[:10_000] = [1 + isleap(year) for year in range(10_000)]
    return table
