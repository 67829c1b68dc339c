"""Episodes: signals of one series that belong together, from the first until the price is back or at rest.

Every level that an episode reaches is an alert of its own, so that what was decided on a lower one stays
true. An alert's number follows from its series, direction, level and step, which is the same on whichever
day of it a price is reported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from exchange_schemas.price_rules import JUMP, LEVELS, PriceRules, Steps
from hub.prices.series import EVERY_POINT, begin_of
from publisher.prices.quotes import ITEM

PREFIX = "JG"
ALERTS = {
    "alert_no": pl.String, "series": pl.UInt32, "t": pl.Int64, "observed_on": pl.Date, "kind": pl.String,
    "level": pl.String, "price": pl.Float64, "reference": pl.Float64, "change": pl.Float64, "centre": pl.Float64,
    "spread": pl.Float64, "score": pl.Float64, "known": pl.Int64, "lifted_on": pl.Date, "why_lifted": pl.String,
    "earlier": pl.String, "episode": pl.String,
}  # fmt: skip
#: Why an alert is over: the price is back, a higher level took its place, nothing further happened, or the
#: price went the other way.
BACK, RAISED, QUIET, TURNED = "back", "raised", "quiet", "turned"


@dataclass(frozen=True, slots=True)
class _Told:
    """A series' reports, in order."""

    t: NDArray[np.int64]
    day: list[date]
    log: NDArray[np.float64]


def alerts(
    found: pl.DataFrame, moved: pl.DataFrame, about: pl.DataFrame, rules: PriceRules
) -> pl.DataFrame:
    """The alerts that follow from `signals`: columns of ALERTS, in order of series and day.

    `lifted_on` is null while the alert stands. What a point of an item does while the item over all its
    points has an alert in the same direction is no alert of its own.
    """
    mine = moved.join(found.select("series").unique(), on="series", how="semi").filter(
        pl.col("log").is_not_null()
    )
    reports = {
        key[0]: _Told(part["t"].to_numpy(), part["day"].to_list(), part["log"].to_numpy())
        for key, part in mine.partition_by("series", as_dict=True).items()
    }
    facts = {row["series"]: row for row in about.iter_rows(named=True)}
    rows: list[dict[str, Any]] = []
    for key, part in found.partition_by("series", as_dict=True, maintain_order=True).items():
        fact = facts[key[0]]
        rows += _of_series(part, reports[key[0]], fact, rules.periods[fact["period"]], rules)
    every = pl.DataFrame(rows, schema=ALERTS, orient="row")
    return _once(every, about).sort("series", "t", "level")


def _of_series(
    found: pl.DataFrame, told: _Told, fact: Mapping[str, Any], one: Steps, rules: PriceRules
) -> Iterator[dict[str, Any]]:
    """One row for each level that an episode reaches."""
    waiting = list(found.iter_rows(named=True))
    before: dict[str, Any] | None = None
    seen = max(one.quiet, one.long) + one.week  # for so long a trend still looks back at it
    while waiting:
        first = waiting[0]
        if (
            before is not None
            and first["t"] - before["end"] <= seen
            and _returns(first, before, rules)
        ):
            waiting = waiting[1:]
            continue
        end, why = _end(first, waiting, told, one, rules)
        mine = [row for row in waiting if end is None or row["t"] < end[0] or row is first]
        mine = [row for row in mine if (row["change"] > 0) == (first["change"] > 0)]
        yield from _levels(_in_all(mine, rules), fact, end, why)
        last = max(mine[-1]["t"], end[0] - 1 if end is not None else mine[-1]["t"])
        waiting = [row for row in waiting if row["t"] > last]
        before = {**first, "end": last}


def _returns(row: Mapping[str, Any], first: Mapping[str, Any], rules: PriceRules) -> bool:
    """Whether a signal is only the way back to the price from which the episode of `first` began."""
    other_way = (row["change"] > 0) != (first["change"] > 0)
    away = abs(float(np.log(row["price"] / first["reference"])))
    return bool(other_way and away <= rules.back * abs(first["change"]))


def _end(
    first: Mapping[str, Any],
    waiting: list[dict[str, Any]],
    told: _Told,
    one: Steps,
    rules: PriceRules,
) -> tuple[tuple[int, date] | None, str]:
    """(step and day on which the episode is over, or None; why)."""
    up = first["change"] > 0
    signs = [row["t"] for row in waiting if (row["change"] > 0) == up]
    turning = (
        row for row in waiting if (row["change"] > 0) != up and not _returns(row, first, rules)
    )
    against = next((row["t"] for row in turning), None)
    base = float(np.log(first["reference"]))
    begin = int(np.searchsorted(told.t, first["t"]))
    near, last, place = 0, first["t"], 0
    for at in range(begin + 1, len(told.t)):
        t = int(told.t[at])
        while place < len(signs) and signs[place] <= t:
            last, place = signs[place], place + 1
        away = (told.log[at] - base) * (1 if up else -1)
        near = near + 1 if away <= rules.back * abs(first["change"]) else 0
        if t == against:
            return (t, told.day[at]), TURNED
        if near >= rules.back_for:
            return (t, told.day[at]), BACK
        if t - last > one.quiet:
            return (t, told.day[at]), QUIET
    return None, ""


def _in_all(rows: list[dict[str, Any]], rules: PriceRules) -> list[dict[str, Any]]:
    """With levels that count the whole change since the episode began, where that is more."""
    base, up = float(np.log(rows[0]["reference"])), 1 if rows[0]["change"] > 0 else -1
    found = []
    for row in rows:
        whole = (float(np.log(row["price"])) - base) * up
        reached = [
            LEVELS.index(n) for n, one in rules.kinds[JUMP].levels.items() if whole >= one.change
        ]
        level = max(reached, default=-1)
        if level > row["level"]:
            more = {"level": level, "reference": rows[0]["reference"], "change": whole * up}
            found.append({**row, **more})
        else:
            found.append(row)
    return found


def _levels(
    rows: list[dict[str, Any]], fact: Mapping[str, Any], end: tuple[int, date] | None, why: str
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    episode = _number(fact, rows[0])
    for row in rows:
        if found and LEVELS.index(found[-1]["level"]) >= row["level"]:
            continue
        number = _number(fact, row)
        if found:
            found[-1] |= {"lifted_on": row["day"], "why_lifted": RAISED}
        found.append(
            {
                **{name: row[name] for name in ("series", "t", "kind", "price", "reference", "change", "centre",
                                                "spread", "score", "known")},
                "alert_no": number, "observed_on": row["day"], "level": LEVELS[row["level"]],
                "lifted_on": end[1] if end else None, "why_lifted": why or None,
                "earlier": found[-1]["alert_no"] if found else None, "episode": episode,
            }
        )  # fmt: skip
    return found


def _number(fact: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    told = [str(fact[name]) for name in (*ITEM, "point")]
    told += ["up" if row["change"] > 0 else "down", str(row["level"])]
    digest = hashlib.sha256("\x1f".join(told).encode()).hexdigest()
    begin = begin_of(fact["period"], row["t"])
    return f"{PREFIX}{begin:%Y%m%d}{digest[:10].upper()}"


def _once(every: pl.DataFrame, about: pl.DataFrame) -> pl.DataFrame:
    """Without episodes of points that begin while the item as a whole has one in the same direction."""
    keys = about.select("series", *ITEM, "point")
    named = every.join(keys, on="series", maintain_order="left").with_columns(
        up=pl.col("change") > 0
    )
    spans = named.group_by("episode").agg(
        pl.col(*ITEM, "point", "up").first(), begin=pl.col("t").min(), day=pl.col("observed_on").min(),
        over=pl.col("lifted_on").max(), stands=pl.col("lifted_on").is_null().any(),
    )  # fmt: skip
    whole = spans.filter(pl.col("point") == EVERY_POINT)
    points = spans.filter(pl.col("point") != EVERY_POINT)
    points = points.select("episode", *ITEM, "up", "begin", "day")
    pairs = points.join(whole, on=[*ITEM, "up"], nulls_equal=True, suffix="_whole")
    within = (pl.col("begin") >= pl.col("begin_whole")) & (
        pl.col("stands") | (pl.col("day") <= pl.col("over"))
    )
    again = pairs.filter(within).select("episode").unique()
    return every.join(again, on="episode", how="anti", maintain_order="left")
