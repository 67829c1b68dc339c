"""How many food operators use the electronic trace system, month by month.

The plan of 2013 wants 50 % by the end of 2013, 80 % by the end of 2014 and 100 % by the end of 2015.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.days import HERE
from hub.analysis.inputs import Inputs
from hub.trace.movements import LEDGER

_FOOD = "食品(生产|经营|流通)|餐饮服务"  # names of licences of food operators, also of those before 2015
SCHEMA = {"month": pl.String, "using": pl.Int64, "operators": pl.Int64}


def coverage(inputs: Inputs) -> pl.DataFrame:
    """month (2026-01), using, operators: of the months that the ledger has, the food operators with a valid
    licence (administrative_license, food_operator_credit) in any part of the month, and those of them
    with a row in the ledger. Months without an operator are left out."""
    used = _used(inputs)
    if used.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    first, last = used["month"].min(), used["month"].max()
    months = pl.int_ranges(
        pl.max_horizontal("since", pl.lit(first)), pl.min_horizontal("until", pl.lit(last)) + 1
    )
    licensed = (
        _licensed(inputs)
        .filter(pl.col("since") <= last, pl.col("until") >= first)
        .select("uscc", month=months)
        .explode("month", empty_as_null=False, keep_nulls=False)
        .unique()
    )
    told = licensed.join(used.with_columns(uses=1), on=["uscc", "month"], how="left")
    counts = told.group_by("month").agg(
        using=pl.col("uses").sum().cast(pl.Int64), operators=pl.len().cast(pl.Int64)
    )
    year, month = pl.col("month") // 12, pl.col("month") % 12 + 1
    name = pl.format("{}-{}", year, month.cast(pl.String).str.zfill(2))
    return counts.sort("month").with_columns(month=name).select(list(SCHEMA))


def _used(inputs: Inputs) -> pl.DataFrame:
    """uscc and month (counted from year 0) of the ledger's rows."""
    at = pl.col("happened_at").str.to_datetime("%+", time_zone="UTC", strict=False)
    rows = inputs.scan(LEDGER).select(
        uscc="operator_uscc", month=_month(at.dt.convert_time_zone(HERE.key))
    )
    return rows.drop_nulls().unique().collect()


def _licensed(inputs: Inputs) -> pl.DataFrame:
    """uscc, since, until (months counted from year 0) of licences of food operators."""
    words = pl.concat_str("certificate_name", "project_name", "doc_name", ignore_nulls=True)
    since = pl.coalesce("valid_from", "decided_on")
    licences = (
        inputs.scan("administrative_license")
        .filter(words.str.contains(_FOOD), pl.col("status").fill_null("有效") == "有效")
        .select("uscc", since=_day(since), until=_day(pl.col("valid_to")))
    )
    archive = inputs.scan("food_operator_credit").select(
        "uscc", since=pl.lit(None, pl.Date), until=_day(pl.col("license_valid_to"))
    )
    both = pl.concat([licences, archive]).drop_nulls("uscc")
    return both.with_columns(
        since=_month(pl.col("since")).fill_null(0), until=_month(pl.col("until")).fill_null(2**20)
    ).collect()


def _day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False)


def _month(day: pl.Expr) -> pl.Expr:
    return day.dt.year().cast(pl.Int64) * 12 + day.dt.month().cast(pl.Int64) - 1
