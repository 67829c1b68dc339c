"""Counting working days forth, the provisional year, and a site's own table of days."""

from __future__ import annotations

import time
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from chinese_calendar import is_workday
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.calendar_reading import merged, read_days, working_calendar
from exchange_schemas.errors import Misdeclared
from exchange_schemas.law import load_law
from exchange_schemas.working_calendar import WorkingCalendar
from exchange_schemas.working_days import (
    TABLE,
    add_working_days,
    calendar_issues,
    horizon,
    packaged_calendar,
    working_days_after,
)

DAY = timedelta(days=1)
HEAD = "day,worked,status,note\n"

# The State Council's measure on holidays: which weekdays of 2027 are free, without exchanges
FREE_2027 = [
    "01-01", "02-05", "02-08", "02-09", "02-10", "04-05", "05-03", "05-04", "06-09", "09-15",
    "10-01", "10-04", "10-05",
]  # fmt: skip


def plus(begin: date | None, count: int) -> date | None:
    found: date | None = add_working_days(pl.Series([begin], dtype=pl.Date), count).item()
    return found


def worked(day: date) -> bool:
    """As announced, and in 2027 as the measure has it."""
    if day.year < 2027:
        return bool(is_workday(day))
    return day.isoweekday() < 6 and day.isoformat()[5:] not in FREE_2027


def own(folder: Path, rows: str) -> WorkingCalendar:
    (folder / "calendar.csv").write_text(HEAD + rows, encoding="utf-8")
    return load_law(folder).calendar


@settings(deadline=None)
@given(st.dates(date(2004, 1, 1), date(2027, 12, 31)), st.integers(0, 45))
def test_counting_day_by_day_gives_the_same(begin: date, count: int) -> None:
    day, left = begin, count
    while left and day <= horizon()[1]:
        day += DAY
        left -= worked(day)
    expected = day if day <= horizon()[1] else None
    assert plus(begin, count) == expected
    if expected:
        days = (pl.Series([one]) for one in (begin, expected))
        assert working_days_after(*days).item() == count


@pytest.mark.parametrize(("begin", "count", "day"), [
    (date(2025, 9, 26), 1, date(2025, 9, 28)),  # a Sunday that was worked
    (date(2025, 9, 30), 1, date(2025, 10, 9)),
    (date(2025, 10, 4), 1, date(2025, 10, 9)),
    (date(2024, 2, 28), 1, date(2024, 2, 29)),
    (date(2026, 12, 31), 1, date(2027, 1, 4)),
    (date(2027, 2, 4), 1, date(2027, 2, 11)),
    (date(2027, 12, 30), 1, date(2027, 12, 31)),
    (date(2027, 12, 30), 2, None),
    (date(2028, 1, 1), 1, None),
    (date(2003, 12, 31), 1, None),
    (None, 1, None),
    (date(2026, 5, 1), 0, date(2026, 5, 1)),
])  # fmt: skip
def test_known_days(begin: date | None, count: int, day: date | None) -> None:
    assert plus(begin, count) == day


def test_nobody_counts_back() -> None:
    with pytest.raises(ValueError, match="count forward"):
        plus(date(2026, 5, 1), -1)


def test_2027_is_as_the_holiday_measure_has_it() -> None:
    days = [date(2027, 1, 1) + n * DAY for n in range(365)]
    assert [packaged_calendar().is_worked(day) for day in days] == [worked(day) for day in days]
    assert horizon() == (date(2004, 1, 1), date(2027, 12, 31))
    assert packaged_calendar().provisional == (2027,)
    assert packaged_calendar().is_worked(date(2028, 1, 1)) is None
    assert packaged_calendar().is_provisional(date(2027, 1, 4))
    assert not packaged_calendar().is_provisional(date(2026, 12, 31))


def test_a_statutory_day_on_a_weekend_is_made_up_for() -> None:
    told = read_days(TABLE)
    lost = [one.day for one in told if one.day.isoweekday() > 5]
    made_up = [one.day for one in told if one.note.startswith("补")]
    assert len(lost) == len(made_up) == 6
    assert all(day.isoweekday() < 6 for day in made_up)


def test_a_million_days_in_a_moment() -> None:
    days = pl.Series([date(2015, 1, 1) + n % 4000 * DAY for n in range(4000)])
    days = pl.concat([days] * 250)
    add_working_days(days.head(1), 7)
    began = time.perf_counter()
    found = add_working_days(days, 7)
    assert time.perf_counter() - began < 1  # 0.06 s where nothing else runs
    assert found.null_count() == 0


def test_an_announced_year_takes_the_place_of_the_provisional_one(tmp_path: Path) -> None:
    calendar = own(tmp_path, "2027-01-01,0,official,元旦\n2027-02-06,1,official,调休\n")
    assert calendar.provisional == ()
    assert calendar.is_worked(date(2027, 2, 6)) is True
    assert calendar.is_worked(date(2027, 2, 9)) is True  # no longer made up
    assert calendar.is_worked(date(2027, 1, 1)) is False
    assert packaged_calendar().is_worked(date(2027, 2, 6)) is False


def test_a_site_adds_a_year_and_a_single_day(tmp_path: Path) -> None:
    rows = "2028-01-03,0,provisional,元旦补休\n2026-09-24,0,official,台风停工\n"
    calendar = own(tmp_path, rows)
    assert calendar.last == date(2028, 12, 31)
    assert calendar.provisional == (2027, 2028)
    assert calendar.is_worked(date(2026, 9, 24)) is False
    assert calendar.is_worked(date(2026, 10, 10)) is True  # the rest of 2026 stays as announced


def test_a_year_behind_a_gap_is_not_known(tmp_path: Path) -> None:
    calendar = own(tmp_path, "2029-01-01,0,provisional,元旦\n")
    assert calendar.last == date(2027, 12, 31)


def test_what_the_library_has_come_to_know_is_not_provisional() -> None:
    days = read_days(TABLE)
    known = [*days, *read_days(TABLE)]
    assert merged(known, ()) == tuple(sorted(known, key=lambda one: one.day))
    past = [type(one)(date(2026, 5, 6), False, "provisional", "") for one in days[:1]]
    assert merged(past, ()) == ()
    assert working_calendar(merged(past, ())).provisional == ()


@pytest.mark.parametrize(("text", "message"), [
    ("day,worked\n", "line 1: the columns must be day, worked, status, note"),
    (HEAD + "2027-02-30,0,official,\n", "line 2: 2027-02-30 isn't a day"),
    (HEAD + "2027-02-01,no,official,\n", "line 2: worked is 0 or 1"),
    (HEAD + "2027-02-01,0,rumour,\n", "status official or provisional"),
    (HEAD + "2027-02-01,0,official,\n2027-02-01,1,official,\n", "line 3: worked is 0 or 1"),
    (HEAD + "2027-02-01,0\n", "line 2: worked is 0 or 1"),
    (HEAD + '2027-02-01,0,official,"\n', "can't be read"),
])  # fmt: skip
def test_a_wrong_table_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "calendar.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Misdeclared) as caught:
        load_law(tmp_path)
    assert caught.value.issue.code == "calendar_invalid"
    assert message in caught.value.issue.message("en")
    assert "calendar.csv" in caught.value.issue.message()


@pytest.mark.parametrize(("today", "codes"), [
    (date(2026, 11, 24), ["calendar_provisional"]),
    (date(2027, 11, 1), ["calendar_provisional"]),  # 60 days before the end
    (date(2027, 11, 2), ["calendar_ending", "calendar_provisional"]),
    (date(2028, 1, 1), ["calendar_ending"]),
])  # fmt: skip
def test_the_alarm_rings_before_the_calendar_ends(today: date, codes: list[str]) -> None:
    issues = calendar_issues(today)
    assert [one.code for one in issues] == codes
    severities = {"calendar_ending": "warning", "calendar_provisional": "info"}
    assert [one.severity for one in issues] == [severities[code] for code in codes]
    assert all("2027-12-31" in one.message() for one in issues)
