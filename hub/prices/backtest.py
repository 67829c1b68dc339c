"""How good the alerts are, on prices that are known: false alarms by the year, and jumps that were put in.

Nothing looks ahead: what is judged on a day follows from reports up to that day (`moves`, `scores`). Only the
judgement of an alert afterwards looks at what came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log1p
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.price_rules import LEVELS, PriceRules, rules_on
from hub.analysis import columns
from hub.prices.detection import Found, detect
from hub.prices.series import EVERY_POINT, Series, series_of
from hub.site import Site
from publisher.prices.quotes import ITEM, quotes

SUSTAINED = 10.0  # per cent: what must be left of the change
AFTER = 14  # days in which the price is looked at afterwards
LEAST = 3  # reports among them, or nothing can be said
TRUE, FALSE, OPEN = "true", "false", "undecided"
_YEAR = 365.0


def backtest(
    site: Site,
    connection: Connection,
    catalogue: Catalogue,
    sustained: float,
    sizes: Sequence[float],
) -> tuple[dict[str, Any], list[dict[str, Any]], pl.DataFrame]:
    """(`summary`, `injected` for each size, `judged` with the names of items) of the prices of a site."""
    rules = rules_on(today(), site.law)
    scanned = columns.scan(site, connection, catalogue.get("price_monitoring"))
    known = series_of(quotes(scanned, today()).collect(), rules)
    found = detect(known, rules)
    every = judged(found, sustained).join(known.about, on="series", maintain_order="left")
    return (
        summary(known, found, sustained),
        [injected(known, rules, size) for size in sizes],
        every,
    )


def judged(found: Found, sustained: float = SUSTAINED) -> pl.DataFrame:
    """The alerts with `after` (logarithm of the middle price of the next `AFTER` days against the price that
    the alert counts from) and `verdict`.

    An alert is false where `after` isn't `sustained` per cent in the alert's direction: the price went back,
    or never stayed away. With fewer than `LEAST` reports in these days it is undecided.
    """
    told = found.alerts.select("alert_no", "series", "observed_on", "reference", "change")
    prices = found.moved.filter(pl.col("log").is_not_null()).select("series", "day", "log")
    later = told.join(prices, on="series").filter(
        (pl.col("day") > pl.col("observed_on"))
        & (pl.col("day") <= pl.col("observed_on") + pl.duration(days=AFTER))
    )
    middle = later.group_by("alert_no").agg(middle=pl.col("log").median(), reports=pl.len())
    joined = found.alerts.join(middle, on="alert_no", how="left", maintain_order="left")
    after = pl.col("middle") - pl.col("reference").log()
    kept = after * pl.col("change").sign() >= log1p(sustained / 100)
    few = pl.col("reports").fill_null(0) < LEAST
    return joined.with_columns(
        after=after,
        verdict=pl.when(few)
        .then(pl.lit(OPEN))
        .when(kept)
        .then(pl.lit(TRUE))
        .otherwise(pl.lit(FALSE)),
    ).drop("middle")


def summary(known: Series, found: Found, sustained: float = SUSTAINED) -> dict[str, Any]:
    """Counts, and rates by the year of reports.

    `point_years` are years of days with a report, of all items at all points, and `item_years` those of items;
    `alerts` counts episodes, each judged by its first alert, and `by_level` the alerts of each level.
    """
    told = judged(found, sustained).sort("series", "t")
    first = told.unique("episode", keep="first", maintain_order=True)
    reports = found.moved.filter(pl.col("log").is_not_null()).join(known.about, on="series")
    points = reports.filter(pl.col("point") != EVERY_POINT)
    point_years = points.height / _YEAR
    item_years = points.select(*ITEM, "day").n_unique() / _YEAR if points.height else 0.0
    counts = dict(first.group_by("verdict").len().iter_rows())
    false = counts.get(FALSE, 0)
    return {
        "series": known.about.height, "point_years": round(point_years, 1), "item_years": round(item_years, 1),
        "alerts": first.height, "true": counts.get(TRUE, 0), "false": false, "undecided": counts.get(OPEN, 0),
        "alerts_per_point_year": _rate(first.height, point_years), "false_per_point_year": _rate(false, point_years),
        "false_per_item_year": _rate(false, item_years),
        "false_share": _rate(false, false + counts.get(TRUE, 0)),
        "by_level": {level: _levels(told, level) for level in LEVELS},
        "sustained_pct": sustained,
    }  # fmt: skip


def _levels(told: pl.DataFrame, level: str) -> Mapping[str, int]:
    mine = told.filter(pl.col("level") == level)
    return {name: mine.filter(pl.col("verdict") == name).height for name in (TRUE, FALSE, OPEN)}


def _rate(count: int, years: float) -> float | None:
    return round(count / years, 3) if years else None


def injected(
    known: Series, rules: PriceRules, size: float, draws: int = 3, least: int = 200
) -> dict[str, Any]:
    """Put a lasting jump of `size` per cent (down where negative) on one day of each long series, and count
    which are told within `AFTER` days, and after how many; `draws` times, each on other days.

    Long are series with `least` reports; the day is drawn among those that have half of these before them,
    reports around them, and no alert within four weeks as the prices really are. `series` counts all draws.
    """
    plain = detect(known, rules)
    tried, delays = 0, []
    for seed in range(draws):
        days = _days(plain, least, seed)
        tried += days.height
        delays += _delays(known, rules, size, days) if days.height else []
    return {
        "size_pct": size, "series": tried, "found": len(delays),
        "recall": round(len(delays) / tried, 3) if tried else None,
        "delay_days": float(np.median(delays)) if delays else None,
    }  # fmt: skip


def _delays(known: Series, rules: PriceRules, size: float, days: pl.DataFrame) -> list[int]:
    """Days until a jump at `days` (series, from_t) is told, of those that are."""
    later = known.steps.join(days, on="series", how="left", maintain_order="left")
    jump = pl.when(pl.col("t") >= pl.col("from_t")).then(log1p(size / 100)).otherwise(0.0)
    steps = later.with_columns(pl.col("log", "held") + jump, price=pl.col("price") * jump.exp())
    found = detect(Series(known.about, steps.drop("from_t")), rules)
    after = pl.col("t") - pl.col("from_t")
    told = found.signals.join(days, on="series").filter(
        after.is_between(0, AFTER) & (pl.col("change") * size > 0)
    )
    return told.group_by("series").agg(delay=after.min())["delay"].to_list()


def _days(plain: Found, least: int, seed: int) -> pl.DataFrame:
    """(series, from_t): one day of each long series, drawn with `seed`."""
    told = plain.moved.filter(pl.col("log").is_not_null()).with_columns(
        n=pl.int_range(pl.len()).over("series")
    )
    long = told.filter(pl.len().over("series") >= least)
    near = plain.alerts.select("series", alert_t="t")
    ahead = (pl.col("t").shift(-5) - pl.col("t")).over("series") <= 7
    behind = (pl.col("t") - pl.col("t").shift(7)).over("series") <= 9
    fit = long.filter(ahead & behind & (pl.col("n") >= least // 2)).select("series", "t")
    pairs = fit.join(near, on="series").filter((pl.col("t") - pl.col("alert_t")).abs() <= 28)
    calm = fit.join(pairs.select("series", "t").unique(), on=["series", "t"], how="anti")
    drawn = calm.sort("series", "t").with_columns(
        order=pl.Series(np.random.default_rng(seed).random(calm.height))
    )
    return (
        drawn.sort("series", "order")
        .unique("series", keep="first", maintain_order=True)
        .select("series", from_t="t")
    )
