"""Signals: steps at which a series moved as the rules say, with kind, level and how unusual it is."""

from __future__ import annotations

import numpy as np
import polars as pl

from exchange_schemas.price_rules import KINDS, LEVELS, START, Movement, PriceRules
from hub.prices.moves import CHANGES
from hub.prices.scores import adjusted, usual

COLUMNS = {
    "series": pl.UInt32, "t": pl.Int64, "day": pl.Date, "price": pl.Float64, "kind": pl.String, "change": pl.Float64,
    "reference": pl.Float64, "centre": pl.Float64, "spread": pl.Float64, "score": pl.Float64, "level": pl.Int64,
    "known": pl.Int64,
}  # fmt: skip


def signals(moved: pl.DataFrame, periods: pl.DataFrame, rules: PriceRules) -> pl.DataFrame:
    """The signals in `moves`, in order of series and t; of several at one step the highest level.

    `reference` is the price from which the change is counted, `level` the place in LEVELS, and `score` counts
    spreads from the usual change. A step with too little history has no signal.
    """
    numbered = moved.join(periods, on="series", maintain_order="left").with_row_index("row")
    parts = [_of_kind(numbered, kind, period, rules) for kind in KINDS for period in rules.periods]
    every = pl.concat(parts)
    if every.is_empty():
        return every.select(list(COLUMNS))
    tested = dict(moved.filter(pl.col("log").is_not_null()).group_by("day").len().iter_rows())
    days = every["day"].to_physical().to_numpy()
    rates = adjusted(
        days, every["score"].to_numpy(), {_number(day): n for day, n in tested.items()}
    )
    spared = ~pl.col("level").is_in([LEVELS.index(name) for name in rules.tested])
    kept = every.with_columns(rate=rates).filter(
        spared | (pl.col("rate") <= rules.false_discovery)
    )
    kept = kept.with_columns(
        order=pl.col("kind").replace_strict({k: n for n, k in enumerate(KINDS)})
    )
    kept = kept.sort("series", "t", "level", "order", descending=[False, False, True, False])
    return kept.unique(["series", "t"], keep="first", maintain_order=True).select(list(COLUMNS))


def _number(day: object) -> int:
    return int(np.datetime64(str(day), "D").astype(np.int64))


def _of_kind(moved: pl.DataFrame, kind: str, period: str, rules: PriceRules) -> pl.DataFrame:
    name, movement, one = CHANGES[kind], rules.kinds[kind], rules.periods[period]
    least = min(one.change for one in movement.levels.values())
    large = (pl.col("period") == period) & (pl.col(name).abs() >= least)
    if kind == START:
        large &= pl.col("steady") >= movement.each
    some = moved.filter(large & pl.col("log").is_not_null())
    rows = some["row"].to_numpy().astype(np.int64)
    # a jump is compared with moves of one report, which are larger than confirmed ones
    told = usual(moved, "drift" if name == "jump" else name, rows, one, rules)
    found = pl.concat([some, told], how="horizontal").with_columns(change=pl.col(name))
    found = found.with_columns(score=(pl.col("change") - pl.col("centre")) / pl.col("spread"))
    reference = (pl.col("log") - pl.col("change") if name != "jump" else pl.col("base")).exp()
    return (
        found.with_columns(kind=pl.lit(kind), level=_level(movement), reference=reference)
        .filter((pl.col("level") >= 0) & (pl.col("score") * pl.col("change") > 0))
        .select([pl.col(n).cast(t) for n, t in COLUMNS.items()])
    )


def _level(movement: Movement) -> pl.Expr:
    level = pl.lit(-1, pl.Int64)
    for name, least in movement.levels.items():
        enough = (pl.col("change").abs() >= least.change) & (pl.col("score").abs() >= least.score)
        level = pl.when(enough).then(LEVELS.index(name)).otherwise(level)
    return level
