"""Periods of statistics (2026, 2026H1, 2026Q1, 2026-01) as numbers that can be counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

PER_YEAR = {"month": 12, "quarter": 4, "half": 2, "year": 1}
_SIGNS = {"month": "-", "quarter": "Q", "half": "H", "year": ""}


def with_periods(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` (period) with `cycle` and `index`: 0 is the first period of the year 0."""
    period = pl.col("period")
    cycle = (
        pl.when(period.str.contains("-", literal=True))
        .then(pl.lit("month"))
        .when(period.str.contains("Q", literal=True))
        .then(pl.lit("quarter"))
        .when(period.str.contains("H", literal=True))
        .then(pl.lit("half"))
        .otherwise(pl.lit("year"))
    )
    year = period.str.slice(0, 4).cast(pl.Int64)
    part = period.str.slice(5).cast(pl.Int64, strict=False).fill_null(1) - 1
    rows = rows.with_columns(cycle=cycle)
    return rows.with_columns(index=year * _per_year() + part)


def _per_year() -> pl.Expr:
    return pl.col("cycle").replace_strict(PER_YEAR, return_dtype=pl.Int64)


def with_names(rows: pl.DataFrame, due_days: Mapping[str, int]) -> pl.DataFrame:
    """`rows` (cycle, index) with `period`, `period_to` and `due_on` (dates)."""
    per = _per_year()
    year, part = pl.col("index") // per, pl.col("index") % per + 1
    sign = pl.col("cycle").replace_strict(_SIGNS, return_dtype=pl.String)
    digits = (
        pl.when(pl.col("cycle") == "month")
        .then(part.cast(pl.String).str.zfill(2))
        .when(pl.col("cycle") == "year")
        .then(pl.lit(""))
        .otherwise(part.cast(pl.String))
    )
    months = part * (12 // per)
    end = pl.date(year, months, 1).dt.month_end()
    days = pl.col("cycle").replace_strict(dict(due_days), return_dtype=pl.Int64)
    return rows.with_columns(
        period=year.cast(pl.String).str.zfill(4) + sign + digits,
        period_to=end,
        due_on=end + pl.duration(days=days),
    )


def last_due(cycle: str, day: date, days: int) -> int:
    """The last period of a cycle whose term, `days` after its end, is over on a day."""
    per = PER_YEAR[cycle]
    index = day.year * per + (day.month - 1) // (12 // per)
    while end_of(cycle, index) + timedelta(days=days) >= day:
        index -= 1
    return index


def end_of(cycle: str, index: int) -> date:
    """The last day of a period."""
    per = PER_YEAR[cycle]
    year, part = divmod(index, per)
    month = (part + 1) * (12 // per)
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
