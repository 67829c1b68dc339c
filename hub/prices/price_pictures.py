"""Pictures of prices for staff: an item's points, and an alert in its series."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from exchange_schemas.language import translate
from hub.prices.showing import Alert, Item, around
from publisher.portal.chart_lines import Mark, Series
from publisher.portal.price_chart import LEVELS, price_lines
from publisher.prices.lines import line, parts
from publisher.prices.standing import middle_of

DAYS = (90, 400, 1200)  # that a picture may show, up to the item's newest price


def pictures(found: Item) -> list[list[str]]:
    """The names of the points in each picture of an item."""
    names = dict(found.standing.points.select("point", "point_name").rows())
    return [[names[point] or point for point in part] for part in parts(_points(found))]


def of_item(found: Item, part: int, days: int, locale: str) -> dict[str, Any]:
    """The picture number `part` (from 0) of an item: some points, the middle over all, and the alerts."""
    since = found.about["last"] - timedelta(days=days)
    near = found.days.filter(pl.col("day") >= since)
    chosen = parts(_points(found))
    mine = chosen[part] if part < len(chosen) else []
    period = found.about["period"]
    names = dict(found.standing.points.select("point", "point_name").rows())
    lines = [
        Series(names.get(one) or one, line(near.filter(pl.col("point") == one), period))
        for one in mine
    ]
    if found.about["points"] > 1:
        title = translate("hub", locale, "Middle of all points")
        lines.append(Series(title, line(middle_of(near), period)))
    whose = pl.coalesce("point_code", "point_name")  # of all points: null
    here = whose.is_null() | whose.is_in(mine)
    shown = found.alerts.filter(here & (pl.col("observed_on") >= str(since)))
    return price_lines(
        lines, str(found.about["unit"]), marks_of(shown, locale), language=_language(locale)
    )


def of_alert(found: Alert, locale: str) -> dict[str, Any]:
    """The prices around an alert, with a mark on it."""
    near, record = around(found), found.record
    whole = not record["point_name"]
    title = (
        translate("hub", locale, "Middle of all points") if whole else str(record["point_name"])
    )
    drawn = line(middle_of(near) if whole else near, str(record["period"]))
    marks = marks_of(pl.DataFrame([record], strict=False), locale)
    return price_lines(
        [Series(title, drawn)], str(record["unit"]), marks, language=_language(locale)
    )


def marks_of(alerts: pl.DataFrame, locale: str) -> list[Mark]:
    """Alerts where they were observed."""
    names = dict(zip(LEVELS["zh"], LEVELS[_language(locale)], strict=True))
    told = alerts.select("alert_level", "observed_on", "current_price").rows()
    return [Mark(names[level], day, float(price)) for level, day, price in told]


def _points(found: Item) -> list[str]:
    return sorted(found.standing.points["point"])


def _language(locale: str) -> str:
    return "zh" if locale == "zh_CN" else "en"
