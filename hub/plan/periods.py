"""Calendar periods: years, halves, quarters, months."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """First and last day, both included; `name` is 2026, 2026H2, 2026Q4 or 2026-11."""

    begin: date
    end: date
    name: str


def period_of(day: date, every: str) -> Period:
    """The period of that length (a key of `MONTHS`) in which the day is."""
    months = MONTHS[every]
    place = (day.month - 1) // months
    begin = date(day.year, place * months + 1, 1)
    last = place * months + months
    after = date(day.year + last // 12, last % 12 + 1, 1)
    name = {
        "year": f"{day.year}",
        "half": f"{day.year}H{place + 1}",
        "quarter": f"{day.year}Q{place + 1}",
        "month": f"{day:%Y-%m}",
    }[every]
    return Period(begin, after - timedelta(days=1), name)


def periods(first: date, last: date, every: str) -> list[Period]:
    """All periods from the one with `first` to the one with `last`; at least the latter."""
    found = [period_of(last, every)]
    while found[-1].begin > first:
        found.append(period_of(found[-1].begin - timedelta(days=1), every))
    return found[::-1]
