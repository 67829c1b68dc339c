"""Signals as staff look at them: by state, by channel, overdue, and several of one product."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from hub.risks import signals
from hub.risks.states import OPEN, STATES
from hub.risks.steps import Place

LISTED = (
    "signal_id", "product", "brand", "channel", "hazard", "severity", "received_at", "now", "_level",
    "due_on", "overdue", "was_entered",
)  # fmt: skip


def standing(at: Place, day: date) -> pl.DataFrame:
    """Every signal as it stands on a day (`signals.standing`)."""
    with at.engine.connect() as connection:
        standard = at.catalogue.get(signals.DATASET)
        return signals.standing(at.site, connection, standard, at.rule(day), day)


def chosen(rows: pl.DataFrame, wanted: str) -> pl.DataFrame:
    """The signals of a state, or the open ones (`open`); what is due first comes first."""
    states = OPEN if wanted == "open" else (wanted,)
    found = rows.filter(pl.col("now").is_in(list(states)))
    return found.sort("due_on", "received_at", nulls_last=True).select(LISTED)


def by_state(rows: pl.DataFrame) -> list[tuple[str, int]]:
    """(state, signals), in the order of the states."""
    counts = dict(rows.group_by("now").len().iter_rows())
    return [(state, int(counts.get(state, 0))) for state in STATES]


def by_channel(rows: pl.DataFrame) -> list[tuple[str, int]]:
    """(channel, signals), the most first."""
    counts = (
        rows.group_by("channel").len("count").sort(["count", "channel"], descending=[True, False])
    )
    return [(channel, int(count)) for channel, count in counts.iter_rows()]


def groups(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Products with several signals, the most first: product, count, open, signals, channels."""
    found = rows.group_by("group").agg(
        product=pl.col("product").sort_by("received_at").last(),
        count=pl.len(),
        open=pl.col("now").is_in(list(OPEN)).sum(),
        signals=pl.col("signal_id").sort(),
        channels=pl.col("channel").unique().sort(),
    )
    several = found.filter(pl.col("count") > 1).sort(
        ["count", "product"], descending=[True, False]
    )
    return several.drop("group").to_dicts()
