"""Working days of mainland China, whole columns at a time.

The State Council's holidays and the weekends worked in exchange come from `chinese_calendar`, which
knows them from 2004 to the year that has been announced, and from `law/calendar.csv` over it, which
has the next year provisionally. Beyond that there is no verdict.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from exchange_schemas.calendar_reading import merged, read_days, working_calendar
from exchange_schemas.issue import Issue
from exchange_schemas.working_calendar import WorkingCalendar

TABLE = Path(__file__).parent / "law" / "calendar.csv"
ALARM = 60  # days before the end of the calendar from which on a warning is given


@cache
def packaged_calendar() -> WorkingCalendar:
    """The calendar that everyone has; a site's own is its law's (`law.Law.calendar`)."""
    return working_calendar(merged(read_days(TABLE), ()))


def horizon() -> tuple[date, date]:
    """The first and the last day of which it is known whether it is worked."""
    return packaged_calendar().first, packaged_calendar().last


def working_days_after(begin: pl.Series, end: pl.Series) -> pl.Series:
    """Int32: how many of the days after `begin` until `end` (Date, itself included) are worked.

    Null where either is null or beyond the horizon.
    """
    return packaged_calendar().between(begin, end)


def add_working_days(begin: pl.Series, count: int) -> pl.Series:
    """Date: the `count`-th working day after `begin` (Date); the day itself isn't counted.

    Null where `begin` is null or the day is beyond the horizon.
    """
    return packaged_calendar().add(begin, count)


def calendar_issues(
    today: date, calendar: WorkingCalendar | None = None, alarm: int = ALARM
) -> list[Issue]:
    """What is to be said of the calendar today: that it ends soon, that a part is provisional.

    calendar_ending (a warning) in the last `alarm` days and after them; calendar_provisional (info)
    while a year that isn't over has not been announced.
    """
    known, found = calendar or packaged_calendar(), []
    left = (known.last - today).days
    if left < alarm:
        words = {"days": str(max(left, 0))}
        found.append(Issue("calendar_ending", value=known.last.isoformat(), params=words))
    unsure = [year for year in known.provisional if year >= today.year]
    if unsure:
        begin, end = date(min(unsure), 1, 1), date(max(unsure), 12, 31)
        words = {"last": end.isoformat()}
        found.append(Issue("calendar_provisional", value=begin.isoformat(), params=words))
    return found
