"""Targets that no dataset can measure: what departments last reported for each period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from hub.plan.measuring import Measured
from hub.plan.periods import periods

VALID = "有效"  # of plan_report.state


@dataclass(frozen=True, slots=True)
class Reported:
    """What holds for a period, and the report that said so."""

    measured: Measured
    report_no: str


def reported(reports: pl.DataFrame, target: str, every: str, day: date) -> list[Reported]:
    """The last value for each period from the first that was reported to the one of `day`.

    `reports` are records of plan_report. A report counts until the next one, by the end of its period, then
    by its day; those that were withdrawn or have no value don't, nor those of periods that are to come.
    """
    mine = _mine(reports, target, day)
    if not mine.height:
        return []
    first: date = mine["until"][0]
    whole = periods(first, max(first, day), every)
    ends = pl.DataFrame({"end": [one.end for one in whole]}, schema={"end": pl.Date})
    # A report of a part of the period that is to come counts for the period.
    held = ends.join_asof(mine, left_on="end", right_on="until", strategy="backward")
    return [
        Reported(
            Measured(period, row["value"], row["numerator"], row["denominator"], 1),
            row["report_no"],
        )
        for period, row in zip(whole, held.iter_rows(named=True), strict=True)
        if row["report_no"] is not None and period.begin <= day
    ]


def _mine(reports: pl.DataFrame, target: str, day: date) -> pl.DataFrame:
    numbers = [
        pl.col(name).cast(pl.Float64, strict=False)
        for name in ("value", "numerator", "denominator")
    ]
    counts = (pl.col("target_id") == target) & (pl.col("state") == VALID)
    return (
        reports.filter(counts & pl.col("value").is_not_null())
        .select(
            "report_no",
            "reported_on",
            pl.col("period_until").str.to_date().alias("until"),
            *numbers,
        )
        .filter(pl.col("reported_on") <= str(day))
        .sort("until", "reported_on", "report_no")
        .unique("until", keep="last", maintain_order=True)
    )
