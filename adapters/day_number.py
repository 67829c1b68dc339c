"""The numbers that spreadsheets keep days as: 45211 is 2023-10-12.

Excel counts from 1900-01-01, which is 1, and takes 1900 for a leap year: its day 60 never was.
Workbooks that began on old Macs count from 1904-01-01, which is 0. (ECMA-376 part 1, 18.17.4.1)
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

SYSTEM_1900, SYSTEM_1904 = 1900, 1904

_NUMBER = re.compile(r"(?P<day>[0-9]{1,7})(?:\.(?P<part>[0-9]+))?")
_LAST = datetime(9999, 12, 31)  # noqa: DTZ001 - a day of the calendar, of no zone


def moment_of(text: str, system: int) -> datetime | None:
    """The moment, to the second; None where it isn't the number of a day.

    2023 and 202310 are rather a year and a month that nobody meant as days: they are refused.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    number = int(found["day"])
    if 1900 <= number <= 2100 or 190001 <= number <= 210012:
        return None
    first = _day(number, system)
    seconds = round(float(f"0.{found['part'] or 0}") * 86_400)
    if first is None or first > _LAST or (first == _LAST and seconds == 86_400):
        return None
    return first + timedelta(seconds=seconds)


def _day(number: int, system: int) -> datetime | None:
    if system == SYSTEM_1904:
        start = datetime(1904, 1, 1)  # noqa: DTZ001
    elif number < 1 or number == 60:
        return None
    else:
        start = datetime(1899, 12, 31 if number < 60 else 30)  # noqa: DTZ001
    try:
        return start + timedelta(days=number)
    except OverflowError:
        return None
