"""How unusual a change is: compared with those of the weeks before and of the same weeks of earlier years.

The centre is their median and the spread their median absolute deviation, which a few wild prices don't
move. Only steps before the one that is judged are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exchange_schemas.price_rules import PriceRules, Steps

_ROWS = 100_000  # that are compared at one time, with some hundred changes each
Numbers = NDArray[np.float64]


def lags(one: Steps, years: int) -> list[int]:
    """How many steps back lie the changes that one is compared with."""
    recent = list(range(one.every, one.recent + 1, one.every))
    nearby = range(-one.around, one.around + 1, one.every)
    seasonal = [year * one.year + near for year in range(1, years + 1) for near in nearby]
    return sorted(set(recent) | {lag for lag in seasonal if lag > 0})


def usual(
    steps: pl.DataFrame, change: str, rows: NDArray[np.int64], one: Steps, rules: PriceRules
) -> pl.DataFrame:
    """What is usual at some rows of `moves`: (known, centre, spread) for each, by earlier values of `change`.

    `known` is how many values there were; where it is below `least_history`, centre and spread are null.
    `steps` is in order of series and t, without gaps.
    """
    values = steps[change].to_numpy().astype(np.float64)
    series = steps["series"].to_numpy()
    back = np.array(lags(one, rules.years))
    parts = [pl.DataFrame(schema={"known": pl.Int64, "centre": pl.Float64, "spread": pl.Float64})]
    for first in range(0, len(rows), _ROWS):
        mine = rows[first : first + _ROWS, None]
        places = mine - back
        there = (places >= 0) & (series[np.maximum(places, 0)] == series[mine])
        seen = np.where(there, values[np.maximum(places, 0)], np.nan)
        parts.append(_robust(seen, one.least_history, rules.least_spread))
    return pl.concat(parts)


def _robust(seen: Numbers, least: int, floor: float) -> pl.DataFrame:
    """Median and median absolute deviation of each row of `seen`, in which NaN is nothing."""
    from scipy.stats import (
        median_abs_deviation,  # slow to import: only where something is computed
    )

    seen = np.sort(seen, axis=1)  # what is nothing comes last
    known = np.count_nonzero(~np.isnan(seen), axis=1)
    centre, spread = np.full(len(seen), np.nan), np.full(len(seen), np.nan)
    for count in np.unique(known[known >= least]):  # rows of one length at a time
        rows = known == count
        told = seen[rows, :count]
        centre[rows] = np.median(told, axis=1)
        spread[rows] = median_abs_deviation(told, axis=1, scale="normal")
    spread = np.maximum(spread, floor)
    frame = pl.DataFrame({"known": known.astype(np.int64), "centre": centre, "spread": spread})
    return frame.with_columns(pl.col("centre", "spread").fill_nan(None))


def adjusted(
    days: Sequence[int] | NDArray[np.int64], scores: Numbers, tested: dict[int, int]
) -> Numbers:
    """The false discovery rate at which each score would count as a discovery (Benjamini and Hochberg), among
    all that were judged on its day: `tested` says how many, those without a score being nothing unusual."""
    from scipy.stats import false_discovery_control, norm  # slow to import

    found = np.ones(len(scores))
    chances = 2 * norm.sf(np.abs(scores))
    order = np.argsort(days, kind="stable")
    each, begins = np.unique(np.asarray(days)[order], return_index=True)
    for day, rows in zip(each, np.split(order, begins[1:]), strict=True):
        nothing = np.ones(max(tested.get(int(day), 0) - len(rows), 0))
        found[rows] = false_discovery_control(np.concatenate([chances[rows], nothing]))[
            : len(rows)
        ]
    return found
