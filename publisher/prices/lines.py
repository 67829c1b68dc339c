"""Prices as lines of a chart: broken where nothing was reported for longer than a price is taken to hold."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from publisher.prices.standing import STEPS

Points = list[tuple[str, float | None]]
MOST = 5  # points in one picture, beside their middle


def line(days: pl.DataFrame, period: str) -> Points:
    """(day, price) of one point or of the middle, in order; a null price breaks the line."""
    told = days.select("day", "price").sort("day")
    gap = (pl.col("day").diff().dt.total_days() > 2 * STEPS.get(period, STEPS["日"])).fill_null(
        value=False
    )
    breaks = told.filter(gap).select(
        pl.col("day") - pl.duration(days=1), price=pl.lit(None, pl.Float64)
    )
    whole = pl.concat([told, breaks]).sort("day")
    return list(
        zip(
            whole["day"].dt.to_string("%Y-%m-%d").to_list(),
            whole["price"].round(4).to_list(),
            strict=True,
        )
    )


def parts(points: Sequence[str]) -> list[list[str]]:
    """The points of each picture: at most `MOST`, so that lines can be told from each other."""
    return [list(points[first : first + MOST]) for first in range(0, len(points), MOST)]
