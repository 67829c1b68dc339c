"""Released prices and alerts as the portal's pages need them, kept as long as the release is the current one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

import polars as pl
from flask import abort, current_app

from publisher.manifest import Release
from publisher.portal.pages import library, released
from publisher.prices.quotes import FIELDS, ITEM, by_day, items_of, quotes, with_ids
from publisher.prices.standing import latest_of_items

PRICES, ALERTS = "price_monitoring", "price_alert"
_ALERT_FIELDS = (
    "alert_no", "item_code", "item_name", "grade_spec", "unit", "price_type", "period", "point_code", "point_name", "alert_level",
    "movement", "observed_on", "current_price", "reference_price", "change_pct", "released_on", "release_text",
    "lifted_on", "authority",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prices:
    """Until `day`. `items` is of `items_of` with day, price, week and month of `latest_of_items`; `days` of `by_day`, with id."""

    release: Release
    day: date
    items: pl.DataFrame
    days: pl.DataFrame

    def item(self, name: str) -> Mapping[str, Any]:
        """One item; 404 where there is none."""
        found = self.items.filter(pl.col("id") == name)
        if found.is_empty():
            abort(404)
        return found.row(0, named=True)

    def of(self, name: str) -> pl.DataFrame:
        """The days of one item."""
        return self.days.filter(pl.col("id") == name)


@dataclass(slots=True)
class Kept:
    """The prices of the current release, read once. Safe between threads."""

    _kept: Prices | None = None
    _lock: Lock = field(default_factory=Lock)

    def of(self, release: Release) -> Prices:
        """Those of a release; 300,000 records take less than a second."""
        with self._lock:
            kept = self._kept
            if kept is None or (kept.release.path, kept.day) != (release.path, library().today()):
                kept = self._kept = _read(release)
            return kept


def prices() -> Prices:
    """The released prices; 404 where none were released, 503 while they are being updated."""
    release, _ = released(PRICES)
    kept: Kept = current_app.extensions.setdefault("prices", Kept())
    return kept.of(release)


def alerts() -> pl.DataFrame:
    """The released alerts with the id of their item, the newest first; none where they can't be shown now."""
    known = library()
    release = known.latest(ALERTS)
    empty = pl.DataFrame(schema={"id": pl.String, **dict.fromkeys(_ALERT_FIELDS, pl.String)})
    if release is None or not known.good(release):
        return empty
    found = _columns(release, _ALERT_FIELDS).with_columns(
        item=pl.coalesce("item_code", "item_name")
    )
    return with_ids(found).sort("observed_on", "alert_no", descending=True, nulls_last=True)


def _read(release: Release) -> Prices:
    day = library().today()
    found = quotes(_columns(release, FIELDS).lazy(), day).collect()
    days = with_ids(by_day(found))
    items = items_of(found).join(latest_of_items(days), on=ITEM, how="left", nulls_equal=True)
    return Prices(release, day, items, days)


def _columns(release: Release, names: tuple[str, ...]) -> pl.DataFrame:
    """Columns of all records; null where the release hasn't one."""
    found = library().store.columns(release, names)
    return found.select(
        pl.col(name).cast(pl.String)
        if name in found.columns
        else pl.lit(None, pl.String).alias(name)
        for name in names
    )
