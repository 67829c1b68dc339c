"""Converters for dates and times, which come out as text in ISO 8601."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from adapters.converter import Converted

# How registers write "without end"; read in files of licences and registrations.
_OPEN_DAYS = ("2099-12-31", "9999-09-09", "9999-12-31")
_OPEN_WORDS = ("长期", "永久", "永续", "无固定期限", "长期有效")

# 2020-1-31 and its likes, or 20200131; then nothing or midnight. One of the two pairs of groups
# for month and day is always empty.
_WRITTEN = (
    r"^([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
    r"(?:[T ]0?0:00(?::00(?:\.0+)?)?)?$"
)
_DASHED = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"


def date(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """YYYY-MM-DD from 2020-01-31, 2020/1/31, 2020.1.31, 20200131 or 2020年1月31日.

    A time of day is dropped only where it is midnight; numbers of days (Excel) aren't guessed at.
    """
    return Converted(_day(cells[0]), cells[0].is_not_null())


def date_open(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """As `date`, and null where the register writes "without end" (2099-12-31, 长期 …)."""
    day, endless = _day(cells[0]), _endless(cells[0])
    return Converted(pl.when(~endless).then(day), cells[0].is_not_null() & ~endless)


def long_term(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """Whether the cell says "without end"; null where there is no cell."""
    return Converted(pl.when(cells[0].is_not_null()).then(_endless(cells[0])))


def datetime(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """YYYY-MM-DDTHH:MM:SS+08:00 from a date with a time of day in Chinese time."""
    parts = cells[0].str.extract_groups(
        r"^(?<day>[^T ]+)[T ]+(?<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?(?:\+08:?00)?$"
    )
    time = parts.struct.field("time").str.replace(r"^([0-9]{1,2}:[0-9]{2})$", "$1:00")
    time = time.str.to_time("%H:%M:%S", strict=False).dt.to_string("%H:%M:%S")
    day = _day(parts.struct.field("day"))
    value = pl.concat_str(day, pl.lit("T"), time, pl.lit("+08:00"))
    return Converted(value, cells[0].is_not_null())


def _day(text: pl.Expr) -> pl.Expr:
    # a field of a struct, because what is used twice is otherwise computed twice
    dashed = pl.struct(text.str.replace(_WRITTEN, "${1}-${2}${4}-${3}${5}").alias("day"))
    day = pl.field("day")
    # only what the pattern made: the date parser itself would take the year 20
    shaped = pl.when(day.str.contains(_DASHED)).then(day).str.to_date("%Y-%m-%d", strict=False)
    return dashed.struct.with_fields(shaped.dt.to_string("%Y-%m-%d").alias("day")).struct["day"]


def _endless(text: pl.Expr) -> pl.Expr:
    ended = _day(text).is_in(_OPEN_DAYS) | text.is_in(_OPEN_WORDS)
    return ended.fill_null(False)
