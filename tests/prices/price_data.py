"""Invented prices: series of one or more points with what a test puts into them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import cos, pi
from typing import Any

import polars as pl
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from hub.analysis.inputs import Result
from hub.analysis.results import enter
from hub.prices.records import SYSTEM
from publisher.prices.quotes import FIELDS, ITEM, item_id, quotes
from tests.hub.ledger_data import put

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


def a_town_price(engine: Engine, catalogue: Catalogue) -> dict[str, str]:
    """One item with prices, and one alert of this hub, put in as they are; the names that addresses have."""
    put(engine, "price_monitoring", records(calm, days_until(LAST, 30)))
    alert = {
        **{name: a_price(LAST, 20)[name] for name in ("item_code", "item_name", "grade_spec", "unit", "price_type", "period")},
        "alert_no": "JG20261130A1B2C3D4E5", "alert_level": "黄", "movement": "突发性", "trigger_rule": "突发性波动",
        "observed_on": str(LAST), "current_price": "26.00", "reference_price": "20.00", "change_pct": "30.00",
        "issued_at": f"{LAST}T08:00:00+08:00", "authority": "市发改局", "release_decision": "待定",
        "source_system": SYSTEM, "score": "8.10", "usual_change_pct": "0.00", "usual_spread_pct": "3.05",
        "compared_count": "60", "analysis": "比前期通常价格上涨。", "point_code": "JC1", "point_name": "河东市场",
    }  # fmt: skip
    rows = pl.DataFrame([alert])
    enter(engine, catalogue, "prices", Result("price_alert", rows))
    return {
        "item": item_id([alert[n] for n in ("item_code", *ITEM[1:])]),
        "alert": alert["alert_no"],
    }


def frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """`quotes` of records, with their place as `_key`."""
    schema = {"_key": pl.String, **dict.fromkeys(FIELDS, pl.String)}
    told = [{**dict.fromkeys(FIELDS), "_key": str(place), **row} for place, row in enumerate(rows)]
    return quotes(pl.DataFrame(told, schema=schema).lazy(), date.max, "_key").collect()
