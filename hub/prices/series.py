"""Series of prices: one per item and monitoring point, and one per item over all its points.

A series has steps of its period: days, weeks, thirds of a month, months. A step without a report has no
price, and for a short time the last one is taken to hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from exchange_schemas.price_rules import PERIODS, PriceRules
from publisher.prices.quotes import ABOUT, ITEM

EVERY_POINT = ""  # the point of an item's series over all points
_EPOCH = date(2000, 1, 3)  # a Monday


@dataclass(frozen=True, slots=True)
class Series:
    """`about`: series (number), the columns of ITEM, point (EVERY_POINT: all of them), and of ABOUT. `steps`: series, t (number of the step), day (of the last report in it), price,
    log — without gaps in t from the first to the last report, in order; day and price are null where nothing
    was reported, `held` is the logarithm of the price that is taken to hold."""

    about: pl.DataFrame
    steps: pl.DataFrame


def step_of(period: str, day: str) -> pl.Expr:
    """The number of the step in which a day is."""
    when = pl.col(day)
    days = (when - pl.lit(_EPOCH)).dt.total_days()
    months = when.dt.year().cast(pl.Int64) * 12 + when.dt.month() - 1
    third = ((when.dt.day() - 1) // 10).clip(upper_bound=2)
    numbers = {"日": days, "周": days.floordiv(7), "旬": months * 3 + third, "月": months}
    chosen = days
    for name in PERIODS:
        chosen = pl.when(pl.col(period) == name).then(numbers[name]).otherwise(chosen)
    return chosen.cast(pl.Int64)


def begin_of(period: str, step: int) -> date:
    """The first day of a step."""
    if period in ("旬", "月"):
        months, third = divmod(step, 3) if period == "旬" else (step, 0)
        return date(months // 12, months % 12 + 1, third * 10 + 1)
    return _EPOCH + timedelta(days=step * 7 if period == "周" else step)


def series_of(found: pl.DataFrame, rules: PriceRules) -> Series:
    """The series of `quotes`: of each point, and over all points where an item has several.

    Several quotations of one step are one price, their median.
    """
    named = [pl.col(name).last() for name in ABOUT]
    steps = (
        found.with_columns(t=step_of("period", "day"))
        .sort("day")
        .group_by(*ITEM, "point", "t")
        .agg(pl.col("price").median(), pl.col("day").last(), *named)
    )
    steps = _dense(steps, rules)
    steps = pl.concat([steps, _over_points(steps)], how="diagonal_relaxed").sort(
        *ITEM, "point", "t"
    )
    keys = [*ITEM, "point"]
    about = steps.group_by(*keys, maintain_order=True).agg(
        pl.col(name).drop_nulls().last() for name in ABOUT
    )
    about = about.with_row_index("series")
    columns = ["series", "t", "day", "price", "log", "held"]
    return Series(
        about,
        steps.join(
            about.select("series", *keys), on=keys, nulls_equal=True, maintain_order="left"
        ).select(columns),
    )


def _dense(steps: pl.DataFrame, rules: PriceRules) -> pl.DataFrame:
    """With a row for every step from the first report of a series to the last, and for as long as that holds."""
    keys = [*ITEM, "point"]
    carry = {period: one.carry for period, one in rules.periods.items()}
    holds = pl.col("period").replace_strict(carry, return_dtype=pl.Int64)
    spans = steps.group_by(keys).agg(begin=pl.col("t").min(), end=pl.col("t").max())
    every = spans.select(*keys, t=pl.int_ranges("begin", pl.col("end") + holds + 1)).explode("t")
    whole = every.join(steps, on=[*keys, "t"], how="left", nulls_equal=True).sort(*keys, "t")
    whole = whole.with_columns(log=pl.col("price").log())
    held = pl.col("log")
    for period, one in rules.periods.items():
        carried = pl.col("log").forward_fill(limit=one.carry).over(keys)
        held = pl.when(pl.col("period") == period).then(carried).otherwise(held)
    return whole.with_columns(held=held)


def _over_points(steps: pl.DataFrame) -> pl.DataFrame:
    """The middle of an item's points, where it has two or more; a point that doesn't report keeps its price
    for a while, so that the middle doesn't move because somebody is silent."""
    several = steps.group_by(ITEM).agg(pl.col("point").n_unique()).filter(pl.col("point") > 1)
    mine = steps.join(several.select(ITEM), on=ITEM, how="semi")
    middle = mine.group_by(*ITEM, "t").agg(
        pl.col("held").median(),
        pl.col("day").max(),
        pl.col("item_code", "item_name", "category").drop_nulls().last(),
    )
    told = pl.when(pl.col("day").is_not_null()).then(pl.col("held"))
    return middle.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in ("point_code", "point_name", "division_code")),
        point=pl.lit(EVERY_POINT), log=told, price=told.exp(),
    )  # fmt: skip
