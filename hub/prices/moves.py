"""What moves in series of prices: three changes at every step, each known from reports up to that step alone.

All are logarithms: 0.1 is about 10 per cent up, and as much down is -0.1.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.price_rules import JUMP, START, TREND, PriceRules, Steps

#: Kind of movement → the column of its change.
CHANGES = {JUMP: "jump", TREND: "trend", START: "start"}


def moves(steps: pl.DataFrame, periods: pl.DataFrame, rules: PriceRules) -> pl.DataFrame:
    """`steps` of `Series` with further columns.

    `periods` is (series, period). Added are `base`: the usual price before now; `jump`: from there to now, as
    far as the report before says it too; `drift`: the same without that; `smooth`: the middle of the last
    steps; `trend`, `start`: how that moved over a long time and over three weeks, as
    far as the price now says it too; `steady`: the smallest of
    these three weeks' changes where all have one direction, else 0. Null where reports are missing.
    """
    parts = []
    for period, one in rules.periods.items():
        mine = steps.join(
            periods.filter(pl.col("period") == period),
            on="series",
            how="semi",
            maintain_order="left",
        )
        parts.append(_slow(_fast(mine, one), one))
    return pl.concat(parts).sort("series", "t")


def _fast(steps: pl.DataFrame, one: Steps) -> pl.DataFrame:
    log, series = pl.col("log"), "series"
    skipped = one.confirm  # what confirms isn't what is compared with
    base = log.rolling_median(one.base, min_samples=one.least_in_base).shift(skipped).over(series)
    if one.confirm > 1:
        before = log.forward_fill(limit=one.confirm - 1).shift(1).over(series)
    else:
        before = log
    found = steps.with_columns(base=base, before=before)
    now, then = log - pl.col("base"), pl.col("before") - pl.col("base")
    return found.with_columns(
        drift=now,
        jump=_agreed(now, then),
    ).drop("before")


def _agreed(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """As far as both changes say it; 0 where they have different directions, null where one is unknown."""
    least = pl.min_horizontal(one.abs(), other.abs()) * one.sign()
    known = one.is_not_null() & other.is_not_null()
    return pl.when(known & (one.sign() == other.sign())).then(least).when(known).then(0.0)


def _slow(steps: pl.DataFrame, one: Steps) -> pl.DataFrame:
    few = max(one.week // 2, 1)
    smooth = pl.col("log").rolling_median(one.week, min_samples=few).over("series")
    found = steps.with_columns(smooth=smooth)
    told = pl.col("log").is_not_null()  # nothing is said on days without a report
    weeks = [
        (pl.col("smooth").shift(n * one.week) - pl.col("smooth").shift((n + 1) * one.week)).over(
            "series"
        )
        for n in range(3)
    ]
    sign = weeks[0].sign()
    steady = pl.min_horizontal(*(week.abs() for week in weeks))
    one_way = pl.all_horizontal(*(week.sign() == sign for week in weeks))

    def past(length: int) -> pl.Expr:
        return pl.col("smooth").shift(length).over("series")

    changes = {"trend": one.long, "start": 3 * one.week}
    return found.with_columns(
        **{
            name: pl.when(told).then(
                _agreed(*(pl.col(now) - past(length) for now in ("smooth", "log")))
            )
            for name, length in changes.items()
        },
        steady=pl.when(told & one_way).then(steady).otherwise(0.0),
    )
