"""The statistics as series: one indicator of one institution, or of one kind of them, in one division."""

from __future__ import annotations

import polars as pl

from hub.finance.periods import with_periods

DATASET = "local_finance_monitor"
FIELDS = (
    "indicator_code", "indicator_name", "period", "period_to", "division_code", "org_type",
    "org_uscc", "org_name", "value", "unit", "yoy_pct", "mom_pct", "confidential_level", "preliminary",
)  # fmt: skip
#: What makes a series; `holder` is the institution, or the type of which it is the sum.
SERIES = ("indicator_code", "cycle", "division_code", "holder")
#: What a finding says of the series.
OF_SERIES = (
    "indicator_code", "indicator_name", "division_code", "org_type", "org_uscc", "org_name", "unit",
    "confidential_level",
)  # fmt: skip
EXACT = pl.Decimal(38, 6)


def as_series(records: pl.DataFrame) -> pl.DataFrame:
    """`records` (FIELDS and `_key`) with SERIES, `index`, `number` (Float64) and `exact` (Decimal), sorted."""
    rows = with_periods(records).with_columns(
        holder=pl.coalesce("org_uscc", "org_type"),
        number=pl.col("value").cast(pl.Float64, strict=False),
        exact=pl.col("value").cast(EXACT, strict=False),
    )
    return rows.sort(*SERIES, "index")


def rounded(value: pl.Expr, digits: int = 4) -> pl.Expr:
    """A decimal as the standard writes it."""
    text = value.round(digits).cast(pl.Decimal(38, digits)).cast(pl.String)
    return text.str.replace(r"(\.[0-9]*[1-9])0+$|\.0+$", "$1")


def source(key: str = "_key") -> pl.Expr:
    """The record that a finding is about, as records name each other."""
    return pl.lit(DATASET + ":") + pl.col(key)
