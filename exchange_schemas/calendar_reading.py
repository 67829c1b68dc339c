"""Reads the calendar of working days: what the library knows, and tables of days over it.

A table is a CSV file: day, worked (0 or 1), status (official or provisional), note. In a year that
the library doesn't know, days that the table doesn't name are worked from Monday to Friday. A site's
table takes the place of the packaged one in every year of which it has a row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from chinese_calendar import constants, is_workday

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.working_calendar import WorkingCalendar

COLUMNS = ("day", "worked", "status", "note")
STATES = ("official", "provisional")
PROVISIONAL = STATES[1]


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One row of a table: a day that is, or isn't, worked against what one would think."""

    day: date
    worked: bool
    status: str
    note: str


def read_days(path: Path) -> tuple[CalendarDay, ...]:
    """The rows of a table; none where there is no file.

    Raises Misdeclared (calendar_invalid), which names file and line.
    """
    if not path.is_file():
        return ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple(_days(path, csv.DictReader(file, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _invalid(path, 1, f"can't be read: {error}", f"无法读取：{error}") from error


def _days(path: Path, reader: csv.DictReader[str]) -> Iterator[CalendarDay]:
    if tuple(reader.fieldnames or ()) != COLUMNS:
        told = ", ".join(COLUMNS)
        raise _invalid(path, 1, f"the columns must be {told}", f"各列应为 {told}")
    seen = set()
    for row in reader:
        try:
            day = date.fromisoformat(row["day"] or "")
        except ValueError:
            words = f"{row['day']} isn't a day", f"{row['day']} 不是日期"
            raise _invalid(path, reader.line_num, *words) from None
        if row["worked"] not in ("0", "1") or row["status"] not in STATES or day in seen:
            words = (
                "worked is 0 or 1, status official or provisional, and each day stands once",
                "worked 应为 0 或 1，status 应为 official 或 provisional，且每天只写一次",
            )
            raise _invalid(path, reader.line_num, *words)
        seen.add(day)
        yield CalendarDay(day, row["worked"] == "1", row["status"], row["note"] or "")


def merged(packaged: Sequence[CalendarDay], own: Sequence[CalendarDay]) -> tuple[CalendarDay, ...]:
    """Both tables as one: in a year of which `own` has a row, only `own` counts.

    What is provisional is dropped in years that the library has come to know.
    """
    years, (_, known) = {one.day.year for one in own}, _library()
    stays = [
        one
        for one in packaged
        if one.day.year not in years and not (one.status == PROVISIONAL and one.day.year <= known)
    ]
    return tuple(sorted([*stays, *own], key=lambda one: one.day))


@lru_cache(maxsize=8)
def working_calendar(days: tuple[CalendarDay, ...]) -> WorkingCalendar:
    """The calendar of the library with `days` over it.

    It ends before the first year after the library's of which nothing is known.
    """
    told = {one.day: one for one in days}
    begin, end = _library()
    years = {day.year for day in told}
    while end + 1 in years:
        end += 1
    first = date(begin, 1, 1)
    count = (date(end, 12, 31) - first).days + 1
    worked = [_worked(first + timedelta(days=n), told) for n in range(count)]
    unsure = {day.year for day, one in told.items() if one.status == PROVISIONAL}
    return WorkingCalendar(first, np.array(worked, dtype=np.bool_), tuple(sorted(unsure)))


def _worked(day: date, told: dict[date, CalendarDay]) -> bool:
    if day in told:
        return told[day].worked
    return is_workday(day) if day.year <= _library()[1] else day.isoweekday() <= 5


@cache
def _library() -> tuple[int, int]:
    """The first and the last year that the library knows."""
    years = [day.year for day in constants.holidays]
    return min(years), max(years)


def _invalid(path: Path, row: int, reason: str, reason_zh: str) -> Misdeclared:
    words = {"file": path.name, "row": str(row), "reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("calendar_invalid", params=words))
