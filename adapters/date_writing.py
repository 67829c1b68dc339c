"""Unusual ways of writing days and times, rewritten as 2023-10-12 and 2023-10-12T08:30:00.

Chinese characters (二〇二三年十月十二日), clock words (下午3时05分), RFC 2822, times with a zone (which
come out in Chinese time), and the numbers that spreadsheets keep days as.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import partial

import polars as pl

from adapters.chinese_numbers import DIGITS, everyday, strict_number
from adapters.converter import Options
from adapters.day_number import SYSTEM_1900, moment_of
from adapters.rewriting import each_once

HERE = timezone(timedelta(hours=8))  # as the standards' fields say it, for every year

_ISO = "%Y-%m-%dT%H:%M:%S"
_ZONED = (
    r"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]+)? ?"
    r"(?:Z|UTC|GMT|(?<sign>[+-])(?<hours>[01][0-9]|2[0-3]):?(?<minutes>[0-5][0-9])?)$"
)
_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), *)?[0-9]{1,2} +[A-Z][a-z]{2} +[1-9][0-9]{3} +"
    r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? +(?:GMT|UTC?|[+-][0-9]{4})"
)

_NUMERAL = DIGITS + "十廿卅元Oo"  # 二O二三 has a letter as often as 〇
_SPELT = {ord("O"): "零", ord("o"): "零", ord("廿"): "二十", ord("卅"): "三十", ord("元"): "一"}
_IN_DIGITS = {ord(letter): str(digit) for digit, letter in enumerate(DIGITS)}
_DAYS = [
    re.compile(
        rf"([{_NUMERAL}0-9]{{4}})年([{_NUMERAL}]{{1,4}}|[0-9]{{1,2}})月"
        rf"(?:([{_NUMERAL}]{{1,4}}|[0-9]{{1,2}})[日号]?)?"
    ),
    re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2})[日号]?)?"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?"),
]
_WEEKDAY = re.compile(r" ?\(?(?:星期|周)[一二三四五六日天]\)?")
_HALF = "(?P<half>上午|下午|AM|PM)?"
_CLOCKS = [
    re.compile(
        rf"{_HALF} ?([0-9]{{1,2}}):([0-9]{{1,2}})(?::([0-9]{{1,2}})(?:\.[0-9]+)?)? ?(?P<after>AM|PM)?"
    ),
    re.compile(
        rf"{_HALF}([0-9]{{1,2}})[时点](?:([0-9]{{1,2}})分(?:([0-9]{{1,2}})秒)?)?(?P<after>)"
    ),
    re.compile(r"(?P<half>)([0-9]{2})([0-9]{2})([0-9]{2})(?P<after>)"),
]


def plain_days(texts: pl.Series, options: Options) -> pl.Series:
    """YYYY-MM-DD of texts that say a day in another way; null where nobody can tell.

    A time with a zone gives the day that it is in China then. Any other time of day must be
    midnight, unless `time: drop`. A month gives its first or last day where `day` says which;
    numbers of days are read where `serial` says so (true or 1900, or 1904).
    """
    zoned = _zoned(texts).str.head(10)
    rest = pl.select(pl.when(zoned.is_null()).then(texts)).to_series()
    return zoned.fill_null(each_once(rest, partial(_day_text, options=options)))


def plain_moments(texts: pl.Series, options: Options) -> pl.Series:
    """YYYY-MM-DDTHH:MM:SS in Chinese time; null where nobody can tell, or no time is told."""
    zoned = _zoned(texts)
    rest = pl.select(pl.when(zoned.is_null()).then(texts)).to_series()
    return zoned.fill_null(each_once(rest, partial(_moment_text, options=options)))


def _zoned(texts: pl.Series) -> pl.Series:
    """ISO 8601 with a zone; vectorised, because programs write it, in every row."""
    parts = texts.str.extract_groups(_ZONED).struct
    stamp = parts.field("day") + "T" + parts.field("time").str.replace("^([^:]*:[^:]*)$", "$1:00")
    ahead = parts.field("hours").cast(pl.Int64).fill_null(0) * 60
    ahead += parts.field("minutes").cast(pl.Int64).fill_null(0)
    ahead *= pl.select(pl.when(parts.field("sign") == "-").then(-1).otherwise(1)).to_series()
    moment = pl.col("stamp").str.to_datetime(_ISO, strict=False)
    here = moment + pl.duration(hours=8) - pl.duration(minutes=pl.col("ahead"))
    frame = pl.DataFrame([stamp.alias("stamp"), ahead.alias("ahead")])
    return frame.select(here.dt.to_string(_ISO)).to_series()


def _day_text(text: str, options: Options) -> str | None:
    mailed = _mailed(text)
    if mailed is not None:
        return mailed[:10]
    moment = _moment(text, options)
    if moment is None:
        return None
    midnight = moment.time() == time() or options.get("time") == "drop"
    return moment.date().isoformat() if midnight else None


def _moment_text(text: str, options: Options) -> str | None:
    moment = _moment(text, options, timed=True)
    return _mailed(text) or (moment.isoformat() if moment else None)


def _mailed(text: str) -> str | None:
    """RFC 2822, as mail and web servers write it; -0000 is UTC."""
    if not _MAIL.fullmatch(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
        return (
            (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
            .astimezone(HERE)
            .isoformat()[:19]
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _moment(text: str, options: Options, timed: bool = False) -> datetime | None:
    """`timed`: only where the text says a time of day."""
    serial = options.get("serial")
    if serial and (numbered := moment_of(text, SYSTEM_1900 if serial is True else serial)):
        return numbered
    plain = re.sub(r" *([-/.年月日号时点分秒]) *", r"\1", everyday(" ".join(text.split())))
    for form in _DAYS:
        found = form.match(plain)
        if found:
            day = _day(found[1], found[2], found[3], options.get("day"))
            rest = _WEEKDAY.sub("", plain[found.end() :], count=1)
            if not rest:
                return None if timed or day is None else datetime.combine(day, time())
            clock = _clock(
                rest, bare=form is _DAYS[-1], apart=not plain[: found.end()][-1].isdigit()
            )
            return datetime.combine(day, clock) if day and clock else None
    return None


def _day(year: str, month: str, day: str | None, which: str | None) -> date | None:
    """The day; of a month without one the first or last, as `which` says, or None."""
    number = _number(month)
    if number is None or not 1 <= number <= 12:
        return None
    written = year.translate(_SPELT).translate(_IN_DIGITS)
    if not written.isdigit() or written == "0000":
        return None
    if day is not None:
        chosen = _number(day)
    else:
        last = monthrange(int(written), number)[1]
        chosen = {"first": 1, "last": last}.get(which or "")
    try:
        return date(int(written), number, chosen or 0)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    spelt = text.translate(_SPELT)
    if all(letter in DIGITS for letter in spelt) and len(spelt) > 1 and spelt[0] != DIGITS[0]:
        return None  # 一二 is not said for twelve
    return strict_number(spelt)


def _clock(text: str, bare: bool, apart: bool) -> time | None:
    """A time of day behind a day; what follows a digit must be set `apart`, unless all is `bare`."""
    begun = apart or text[0] in "T " or not text[0].isdigit()
    for form in _CLOCKS:
        found = form.fullmatch(text.lstrip("T ") if form is not _CLOCKS[-1] else text)
        if found and (begun or (bare and form is _CLOCKS[-1])):
            hour, minute, second = (int(part or 0) for part in found.group(2, 3, 4))
            return _of_half(found["half"] or found["after"], hour, minute, second)
    return None


def _of_half(half: str | None, hour: int, minute: int, second: int) -> time | None:
    """Of half a day there are twelve hours: 下午3时 is 15:00, 上午12时 is 0:00."""
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in ("下午", "PM") else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None
