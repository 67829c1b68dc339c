"""From series of prices to alerts: everything that is computed of them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange_schemas.price_rules import PriceRules
from hub.prices.episodes import alerts
from hub.prices.moves import moves
from hub.prices.series import Series
from hub.prices.signals import signals


@dataclass(frozen=True, slots=True)
class Found:
    """What detection says of series: see `moves`, `signals` and `episodes.ALERTS`."""

    moved: pl.DataFrame
    signals: pl.DataFrame
    alerts: pl.DataFrame


def detect(known: Series, rules: PriceRules) -> Found:
    """Everything from series to alerts; of a day only what reports up to that day say."""
    periods = known.about.select("series", "period")
    moved = moves(known.steps, periods, rules)
    found = signals(moved, periods, rules)
    return Found(moved, found, alerts(found, moved, known.about, rules))
