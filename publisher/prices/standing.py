"""Where prices stand: the latest of each point and of the item, and how it changed since then and then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from publisher.prices.quotes import ITEM

#: Change since → (days before the latest report, how many days further back a report may lie).
SINCE = {"yesterday": (1, 3), "week": (7, 3), "month": (30, 7)}
_YEAR, _AROUND = 364, 3  # the same weekday of last year, and the days around it
_LONGEST = {"日": 1, "周": 7, "旬": 11, "月": 31}  # days within which the next report is due
STEPS = {"日": 3, "周": 10, "旬": 15, "月": 45}  # days for which a price is taken to hold


@dataclass(frozen=True, slots=True)
class Standing:
    """`points`: point, point_name, division_code, day, price, the changes in per cent (yesterday, week, month,
    year; null where there is nothing to compare with), silent (whether a report is missing today); the dearest
    first. `middle`: the same of the median over the points, one row, or none."""

    points: pl.DataFrame
    middle: pl.DataFrame


def standing(days: pl.DataFrame, day: date) -> Standing:
    """How one item stands on a day. `days` is of `by_day`, of one item."""
    told = days.filter(pl.col("day") <= day)
    points = changes(told.sort("point", "day"), ["point"])
    names = (
        told.sort("day")
        .group_by("point")
        .agg(pl.col("point_name", "division_code").drop_nulls().last())
    )
    due = pl.duration(
        days=pl.col("period").replace_strict(_LONGEST, default=1, return_dtype=pl.Int64)
    )
    period = told.group_by("point").agg(pl.col("period").last())
    points = points.join(names, on="point").join(period, on="point")
    points = (
        points.with_columns(silent=pl.col("day") + due <= day)
        if points.height
        else points.with_columns(silent=pl.lit(value=False))
    )
    return Standing(
        points.drop("period").sort("price", "point", descending=[True, False]),
        changes(middle_of(told), []),
    )


def middle_of(days: pl.DataFrame) -> pl.DataFrame:
    """The median over an item's points: day, price. A point that doesn't report on a day counts with its last
    price for as long as one is taken to hold, so that silence moves nothing."""
    if days.is_empty():
        return days.select("day", "price")
    hold = timedelta(days=STEPS.get(str(days["period"][0]), STEPS["日"]))
    every = (
        days.select("day").unique().join(days.select("point").unique(), how="cross").sort("day")
    )
    told = every.join_asof(
        days.select("point", "day", "price").sort("day"),
        on="day",
        by="point",
        tolerance=hold,
        check_sortedness=False,
    )
    return told.group_by("day").agg(pl.col("price").median()).sort("day")


def changes(days: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The latest price of each group of `keys`, and its changes in per cent. `days` is in order of keys, day."""
    prices = days.select(*keys, "day", "price").sort("day")
    last = prices.group_by(keys).last() if keys else prices.tail(1)
    for name, (back, further) in SINCE.items():
        then = last.select(*keys, then=pl.col("day") - pl.duration(days=back)).sort("then")
        before = then.join_asof(
            prices.rename({"price": "before"}), left_on="then", right_on="day", by=keys or None,
            tolerance=timedelta(days=further), check_sortedness=False,
        )  # fmt: skip
        last = _with_change(last, before, keys, name)
    around = last.select(*keys, then=pl.col("day") - pl.duration(days=_YEAR))
    pairs = around.join(prices, on=keys) if keys else around.join(prices, how="cross")
    near = pairs.filter((pl.col("day") - pl.col("then")).dt.total_days().abs() <= _AROUND)
    return _with_change(last, near.group_by(keys).agg(before=pl.col("price").median()) if keys
                        else near.select(before=pl.col("price").median()), keys, "year")  # fmt: skip


def _with_change(
    last: pl.DataFrame, before: pl.DataFrame, keys: list[str], name: str
) -> pl.DataFrame:
    value = before.select(*keys, "before")
    joined = (
        last.join(value, on=keys, how="left")
        if keys
        else pl.concat([last, value], how="horizontal")
    )
    return joined.with_columns(
        ((pl.col("price") / pl.col("before") - 1) * 100).round(1).alias(name)
    ).drop("before")


def latest_of_items(days: pl.DataFrame) -> pl.DataFrame:
    """For every item of `by_day`: ITEM, day, price (median over the points that reported in the last days), and
    the change in per cent to a week and a month before, each of those points compared with itself."""
    recent = {}
    for name, (back, further) in {"now": (0, 0), **SINCE}.items():
        if name == "yesterday":
            continue
        last = days.group_by(ITEM).agg(until=pl.col("day").max() - pl.duration(days=back))
        held = pl.duration(days=further + 3)
        near = days.join(last, on=ITEM, nulls_equal=True).filter(
            (pl.col("day") <= pl.col("until")) & (pl.col("day") > pl.col("until") - held)
        )
        recent[name] = (
            near.sort("day")
            .group_by(*ITEM, "point")
            .agg(pl.col("price").last(), pl.col("day").last())
        )
    keys = [*ITEM, "point"]
    told = recent["now"]
    for name in ("week", "month"):
        told = told.join(
            recent[name].select(*keys, pl.col("price").alias(name)),
            on=keys,
            how="left",
            nulls_equal=True,
        )
    shares = [
        ((pl.col("price") / pl.col(name)).median() * 100 - 100).round(1).alias(name)
        for name in ("week", "month")
    ]
    return told.group_by(ITEM).agg(pl.col("day").max(), pl.col("price").median(), *shares)
