"""Invented prices: series of one or more points with what a test puts into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import cos, pi
from typing import Any

import polars as pl

from publisher.prices.quotes import FIELDS, quotes

LAST = date(2026, 11, 30)
Price = Callable[[date], float | None]


def a_price(day: date, price: float, **more: Any) -> dict[str, Any]:
    """A record of price_monitoring."""
    return {
        "item_code": "030101", "item_name": "鲜猪肉", "category": "肉禽蛋", "grade_spec": "精瘦肉", "unit": "元/500克",
        "point_code": "JC1", "point_name": "河东市场", "division_code": "440902", "price_type": "零售", "period": "日",
        "price_date": day.isoformat(), "current_price": f"{price:.2f}", **more,
    }  # fmt: skip


def days_until(last: date, count: int, every: int = 1) -> list[date]:
    return [last - timedelta(days=every * n) for n in range(count)][::-1]


def calm(day: date) -> float:
    """A price that wavers a little, the same way each time."""
    number = day.toordinal()
    return 20.0 + 0.15 * ((number * 7919) % 5 - 2)


def seasonal(day: date) -> float:
    """Twice as dear in January as in July."""
    return 15.0 * (1 + cos(2 * pi * day.timetuple().tm_yday / 365) / 3)


def records(price: Price, days: Sequence[date], **more: Any) -> list[dict[str, Any]]:
    """One record for each day on which `price` says one."""
    told = ((day, price(day)) for day in days)
    return [a_price(day, value, **more) for day, value in told if value is not None]


def frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """`quotes` of records, with their place as `_key`."""
    schema = {"_key": pl.String, **dict.fromkeys(FIELDS, pl.String)}
    told = [{**dict.fromkeys(FIELDS), "_key": str(place), **row} for place, row in enumerate(rows)]
    return quotes(pl.DataFrame(told, schema=schema).lazy(), "_key").collect()
