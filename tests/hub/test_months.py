"""Months of Shanghai: each instant belongs to one, and midnight there parts them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.errors import Misdeclared
from hub.months import (
    begins,
    checked,
    ends,
    first_day,
    following,
    last_day,
    month_of_instant,
    span,
)

MONTHS = st.dates(date(1950, 1, 1), date(2090, 12, 31)).map(lambda day: day.isoformat()[:7])


@given(st.integers(800_000_000_000, 3_800_000_000_000))
def test_an_instant_lies_between_the_bounds_of_its_month(milliseconds: int) -> None:
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    text = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    month = month_of_instant(text)
    assert begins(month) <= text < ends(month)
    assert month == at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")


@given(MONTHS)
def test_months_follow_without_a_gap(month: str) -> None:
    assert checked(month) == month
    assert (first_day(following(month)) - last_day(month)).days == 1
    assert ends(month) == begins(following(month))
    assert span(month, following(month)) == [month, following(month)]
    assert span(following(month), month) == []


def test_leap_years_and_ends_of_years() -> None:
    assert last_day("2024-02") == date(2024, 2, 29)
    assert last_day("2100-02") == date(2100, 2, 28)
    assert following("2026-12") == "2027-01"
    assert begins("2027-01") == "2026-12-31T16:00:00.000Z"
    assert len(span("2025-11", "2026-02")) == 4


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-00", "2026-13", "2026-1", "2026-01-01", "0000-01"]
)
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(Misdeclared):
        checked(text)
