"""Prices that records of price_monitoring say, and which of them can be compared with each other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import polars as pl

FIELDS = (
    "item_code", "item_name", "category", "grade_spec", "unit", "point_code", "point_name", "division_code",
    "price_type", "period", "price_date", "current_price", "average_price", "lowest_price", "highest_price",
    "quality_flag",
)  # fmt: skip
#: What makes prices comparable with each other: the item (its code, else its name), grade, unit, kind, period.
ITEM = ("item", "grade_spec", "unit", "price_type", "period")
#: What is known of an item or a point beside that.
ABOUT = ("item_code", "item_name", "category", "point_code", "point_name", "division_code")
NOT_SURE = (
    "无货",
    "未采集",
    "待核实",
)  # code list price_flags: no price, or one that nobody stands for yet


def quotes(records: pl.LazyFrame, day: date, *more: str) -> pl.LazyFrame:
    """The prices in records until a day, in yuan per their unit: the columns of ITEM, point, ABOUT, day, price
    and `more`. A price of a day that is still to come is a slip of the pen, and no latest price.

    `records` has FIELDS and `more`. The price is the current one, else the average, else the middle of lowest
    and highest. Left out are prices that contradict themselves (lowest above highest) and those whose flag says
    that there is none, or none to rely on yet.
    """
    amounts = {
        name: pl.col(name).cast(pl.Float64, strict=False)
        for name in ("current_price", "average_price", "lowest_price", "highest_price")
    }
    low, high = amounts["lowest_price"], amounts["highest_price"]
    price = pl.coalesce(
        amounts["current_price"], amounts["average_price"], (low + high) / 2, low, high
    )
    sure = ~pl.col("quality_flag").is_in(NOT_SURE).fill_null(value=False)
    right = (low <= high).fill_null(value=True)
    told = records.select(*FIELDS, *more).with_columns(
        price=price,
        day=pl.col("price_date").str.to_date("%Y-%m-%d", strict=False),
        item=pl.coalesce("item_code", "item_name"),
        point=pl.coalesce("point_code", "point_name"),
    )
    kept = told.filter(sure & right & (pl.col("price") > 0) & (pl.col("day") <= day))
    return kept.select(*ITEM, "point", *ABOUT, "day", "price", *more)


def item_id(values: Sequence[object]) -> str:
    """A short name of an item for addresses: its values of ITEM, digested."""
    return hashlib.sha256("\x1f".join(map(str, values)).encode()).hexdigest()[:12]


def with_ids(found: pl.DataFrame) -> pl.DataFrame:
    """With a column `id`, `item_id` of each row's item."""
    items = found.select(ITEM).unique()
    named = items.with_columns(
        id=pl.Series([item_id(row) for row in items.iter_rows()], dtype=pl.String)
    )
    return found.join(named, on=ITEM, nulls_equal=True, maintain_order="left")


def items_of(found: pl.DataFrame) -> pl.DataFrame:
    """One row for each item in `quotes`: id, ITEM, item_name, category, points, first and last day; by category
    and name."""
    items = found.sort("day").group_by(ITEM).agg(
        pl.col("item_name", "category").drop_nulls().last(),
        points=pl.col("point").n_unique(), first=pl.col("day").min(), last=pl.col("day").max(),
    )  # fmt: skip
    return with_ids(items).sort("category", "item_name", "grade_spec", "id", nulls_last=True)


def by_day(found: pl.DataFrame) -> pl.DataFrame:
    """One price for each item, point and day: the median of what was quoted."""
    keys = [*ITEM, "point", "day"]
    named = [pl.col(name).drop_nulls().last() for name in ABOUT]
    return found.group_by(keys).agg(pl.col("price").median(), *named).sort(keys)
