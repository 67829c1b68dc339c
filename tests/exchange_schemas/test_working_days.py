"""Working days between two days, as the State Council announced them."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from chinese_calendar import is_workday

from exchange_schemas.working_days import horizon, working_days_after

CASES = [
    # National Day and Mid-Autumn 2025: free from 1 to 8 October, 11 October was worked
    (date(2025, 9, 30), date(2025, 10, 9), 1),
    (date(2025, 9, 30), date(2025, 10, 11), 3),
    (date(2025, 9, 26), date(2025, 9, 28), 1),  # a Sunday that was worked
    (date(2025, 3, 3), date(2025, 3, 3), 0),
    (date(2025, 3, 3), date(2025, 3, 10), 5),
    (date(2025, 3, 10), date(2025, 3, 3), -5),
    (None, date(2025, 3, 3), None),
    (date(2025, 3, 3), None, None),
    (date(2003, 12, 31), date(2004, 1, 2), None),
]


def _after(begin: date | None, end: date | None) -> int | None:
    days = (pl.Series([day], dtype=pl.Date) for day in (begin, end))
    found: int | None = working_days_after(*days).item()
    return found


@pytest.mark.parametrize(("begin", "end", "days"), CASES)
def test_known_weeks(begin: date | None, end: date | None, days: int | None) -> None:
    assert _after(begin, end) == days


def test_beyond_the_horizon_there_is_no_verdict() -> None:
    last = horizon()[1]
    assert last.month == 12
    assert _after(last - timedelta(days=10), last) is not None
    assert _after(last, last + timedelta(days=1)) is None


def test_a_whole_year_one_day_after_the_other() -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    begin = pl.Series([days[0] - timedelta(days=1)] * 366)
    counted = [sum(map(is_workday, days[: n + 1])) for n in range(366)]
    assert working_days_after(begin, pl.Series(days)).to_list() == counted
