"""What wasn't reported, and what was reported late.

A series that was reported is due again in each of its periods, until it has been silent so long that it
counts as discontinued. Terms are those of `law/finance.yml`.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange_schemas.finance_rules import CYCLES, FinanceRule
from hub.finance.periods import last_due, with_names
from hub.finance.series import OF_SERIES, SERIES, source

MISSING, LATE = "缺报", "迟报"


def missing(series: pl.DataFrame, rule: FinanceRule, day: date) -> pl.DataFrame:
    """One row for each period whose term is over on `day` and that a series lacks."""
    due = pl.DataFrame({
        "cycle": list(CYCLES),
        "last_due": [last_due(cycle, day, rule.due_days[cycle]) for cycle in CYCLES],
    })  # fmt: skip
    spans = (
        series.group_by(SERIES, maintain_order=True)
        .agg(
            pl.col(*(name for name in OF_SERIES if name not in SERIES)).last(),
            first=pl.col("index").min(),
            last=pl.col("index").max(),
            _last_key=pl.col("_key").last(),
        )
        .join(due, on="cycle")
    )
    silent = pl.col("last_due") - pl.col("last")
    end = pl.when(silent > rule.forget_after).then("last").otherwise("last_due")
    wanted = spans.with_columns(index=pl.int_ranges("first", end + 1)).explode("index")
    wanted = wanted.drop_nulls("index").filter(pl.col("index") <= pl.col("last_due"))
    lacking = wanted.join(series.select(*SERIES, "index"), on=[*SERIES, "index"], how="anti")
    rows = with_names(lacking, rule.due_days)
    return rows.select(
        *OF_SERIES, "period", *_days("period_to", "due_on"), check=pl.lit(MISSING),
        records=pl.concat_list(source("_last_key")),
    )  # fmt: skip


def late(series: pl.DataFrame, reported: pl.DataFrame, rule: FinanceRule) -> pl.DataFrame:
    """Values that came after their term. `reported` has `_key` and `reported_on`, the day of the first word.

    What was over before the hub was told anything isn't judged: it is history that was loaded.
    """
    begun = reported["reported_on"].min()
    rows = with_names(series.drop("period", "period_to"), rule.due_days)
    rows = rows.join(reported, on="_key").filter(
        pl.col("reported_on") > pl.col("due_on"), pl.col("due_on") >= pl.lit(begun, pl.Date)
    )
    return rows.select(
        *OF_SERIES, "period", *_days("period_to", "due_on", "reported_on"), "value",
        check=pl.lit(LATE), records=pl.concat_list(source()),
    )  # fmt: skip


def _days(*names: str) -> list[pl.Expr]:
    """Days as records write them."""
    return [pl.col(name).dt.strftime("%Y-%m-%d") for name in names]
