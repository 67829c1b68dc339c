"""Months as reports and the scoreboard count them: YYYY-MM, of days where the departments are."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, case, func

from exchange_schemas.days import HERE
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

_WRITTEN = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
MOST = 240  # months at once: twenty years


def month_of(day: date) -> str:
    """The month of a day."""
    return day.isoformat()[:7]


def checked(month: str) -> str:
    """The month as it was given; raises Misdeclared (month_invalid)."""
    if not _WRITTEN.fullmatch(month) or month < "0001":
        raise Misdeclared(Issue("month_invalid", value=month))
    return month


def first_day(month: str) -> date:
    """Its first day."""
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    """Its last day."""
    first = first_day(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def following(month: str) -> str:
    """The month after it."""
    return month_of(last_day(month) + timedelta(days=1))


def span(first: str, last: str) -> list[str]:
    """The months from `first` to `last`, both included; none where `last` is earlier.

    Raises Misdeclared (month_invalid; months_too_many where there are more than 240).
    """
    found: list[str] = []
    month = checked(first)
    while month <= checked(last):
        if len(found) == MOST:
            words = {"last": last, "most": str(MOST)}
            raise Misdeclared(Issue("months_too_many", value=first, params=words))
        found.append(month)
        month = following(month)
    return found


def begins(month: str) -> str:
    """The instant at which it begins, in UTC as the tables keep times."""
    midnight = datetime.combine(first_day(month), time(), HERE).astimezone(UTC)
    return midnight.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def ends(month: str) -> str:
    """The instant at which the next month begins."""
    return begins(following(month))


def month_of_instant(at: str) -> str:
    """The month of a time of the tables."""
    return month_of(datetime.fromisoformat(at).astimezone(HERE).date())


def month_at(at: ColumnElement[str], months: list[str]) -> ColumnElement[str]:
    """The month of a column of times, which lie in `months` (in order, without a gap)."""
    return case(*((at < ends(month), month) for month in months))


def is_in(at: ColumnElement[str], months: list[str]) -> ColumnElement[bool]:
    """A condition on a column of times: they lie in `months` (in order, without a gap)."""
    return (at >= begins(months[0])) & (at < ends(months[-1]))


def month_of_day(day: ColumnElement[str]) -> ColumnElement[str]:
    """The month of a column of days."""
    return func.substr(day, 1, 7)
