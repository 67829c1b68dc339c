"""Prices and their alerts for the pages and commands of staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.price_rules import LEVELS
from hub.analysis import columns
from hub.prices.records import SYSTEM, WAITING
from hub.site import Site
from publisher.prices.quotes import FIELDS, ITEM, by_day, items_of, quotes, with_ids
from publisher.prices.standing import Standing, latest_of_items, standing

PRICES, ALERTS = "price_monitoring", "price_alert"
_ITEM_OF_ALERT = {"item": pl.coalesce("item_code", "item_name")}


@dataclass(frozen=True, slots=True)
class Item:
    """One item: `about` has id, ITEM, item_name, category, points, first, last; `days` is of `by_day`; `alerts`
    are records, the newest first."""

    about: Mapping[str, Any]
    days: pl.DataFrame
    standing: Standing
    alerts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert's record, the id of its item, the prices that it follows from (day, point_name, price, _key) and
    the prices of its series by day."""

    record: Mapping[str, Any]
    item: str
    observed: pl.DataFrame
    days: pl.DataFrame


def overview(site: Site, connection: Connection, catalogue: Catalogue) -> pl.DataFrame:
    """Every item with its latest price and what stands of alerts: id, ITEM, item_name, category, points, day,
    price, week, month (changes in per cent) and a count for each of LEVELS; those with the highest alerts first."""
    found = _quotes(site, connection, catalogue).collect()
    items = items_of(found)
    if items.is_empty():
        return items
    newest = latest_of_items(by_day(found))
    told = items.join(newest, on=ITEM, how="left", nulls_equal=True)
    stands = alerts(site, connection, catalogue).filter(pl.col("lifted_on").is_null())
    counts = stands.group_by("id").agg(
        (pl.col("alert_level") == level).sum().alias(level) for level in LEVELS
    )
    told = told.join(counts, on="id", how="left").with_columns(pl.col(list(LEVELS)).fill_null(0))
    order = [*reversed(LEVELS), "category", "item_name", "grade_spec"]
    return told.sort(order, descending=[True] * len(LEVELS) + [False] * 3, nulls_last=True)


def alerts(
    site: Site, connection: Connection, catalogue: Catalogue, *, ours: bool = True
) -> pl.DataFrame:
    """The records of price_alert with the `id` of their item, the newest first; `ours`: those that follow from
    prices here."""
    found = columns.scan(site, connection, catalogue.get(ALERTS))
    if ours:
        found = found.filter(pl.col("source_system") == SYSTEM)
    told = with_ids(found.with_columns(**_ITEM_OF_ALERT).collect())
    return told.sort("observed_on", "alert_no", descending=True, nulls_last=True)


def waiting(found: pl.DataFrame) -> pl.DataFrame:
    """Of `alerts` those that stand and nobody decided on, the highest level first."""
    open_ones = found.filter(
        pl.col("lifted_on").is_null() & (pl.col("release_decision") == WAITING)
    )
    rank = pl.col("alert_level").replace_strict(
        {level: n for n, level in enumerate(LEVELS)}, return_dtype=pl.Int64
    )
    return open_ones.sort(rank, pl.col("observed_on"), descending=True)


def item(site: Site, connection: Connection, catalogue: Catalogue, name: str, day: date) -> Item:
    """One item by its id; raises Misdeclared (price_item_unknown)."""
    every = _quotes(site, connection, catalogue)
    about = items_of(every.collect()).filter(pl.col("id") == name)
    if about.is_empty():
        raise unknown(name)
    fact = about.row(0, named=True)
    days = by_day(_of(every, fact).collect())
    mine = alerts(site, connection, catalogue).filter(pl.col("id") == name)
    return Item(fact, days, standing(days, day), mine)


def unknown(name: str) -> Misdeclared:
    """The error for an item of which there are no prices."""
    return Misdeclared(Issue("price_item_unknown", value=name[:64]))


def find_items(found: pl.DataFrame, words: str) -> pl.DataFrame:
    """Of `overview` or `items_of` those whose id, code or name is `words`, or whose name has it."""
    exact = (pl.col("id") == words) | (pl.col("item") == words) | (pl.col("item_name") == words)
    some = found.filter(exact)
    return (
        some
        if some.height
        else found.filter(pl.col("item_name").str.contains(words, literal=True))
    )


def alert(site: Site, connection: Connection, catalogue: Catalogue, number: str) -> Alert:
    """One alert of this hub; raises Misdeclared (price_alert_unknown)."""
    found = alerts(site, connection, catalogue).filter(pl.col("alert_no") == number)
    if found.is_empty():
        raise Misdeclared(Issue("price_alert_unknown", value=number[:64]))
    record = found.row(0, named=True)
    prices = _of(_quotes(site, connection, catalogue), record)
    observed = prices.filter(pl.col("_key").is_in(list(record["observations"] or []))).collect()
    if record["point_name"]:
        point = record["point_code"] or record["point_name"]
        prices = prices.filter(pl.col("point") == point)
    return Alert(record, record["id"], observed.sort("day", "point"), by_day(prices.collect()))


def around(found: Alert, before: int = 200, after: int = 60) -> pl.DataFrame:
    """The days of an alert's series around it."""
    day = date.fromisoformat(found.record["observed_on"])
    near = pl.col("day").is_between(day - timedelta(days=before), day + timedelta(days=after))
    return found.days.filter(near)


def _quotes(site: Site, connection: Connection, catalogue: Catalogue) -> pl.LazyFrame:
    scanned = columns.scan(site, connection, catalogue.get(PRICES))
    return quotes(scanned.select("_key", *FIELDS), today(), "_key")


def _of(prices: pl.LazyFrame, fact: Mapping[str, Any]) -> pl.LazyFrame:
    """Those of one item."""
    return prices.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.lit(fact[name])) for name in ITEM)
    )
