"""The statistics as staff look at them: indicators, their series, and what the checks found.

What is 内部 or 敏感 is for the authorities of finance that the standard `local_finance_monitor` names; other
staff see what is 公开 only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

#: The owners and suppliers of the statistics.
OFFICES = ("peoples_bank", "finance_work", "finance", "banking_regulator", "financial_regulator")
OPEN_LEVEL = "公开"
MOST_LINES = 6


def seen_by(rows: pl.DataFrame, departments: Iterable[str]) -> pl.DataFrame:
    """The rows (with confidential_level) that staff of these departments may see."""
    if set(departments) & set(OFFICES):
        return rows
    return rows.filter(pl.col("confidential_level") == OPEN_LEVEL)


def indicators(rows: pl.DataFrame) -> list[tuple[str, str]]:
    """(code, latest name) of every indicator, by code."""
    latest = rows.sort("period_to").unique("indicator_code", keep="last").sort("indicator_code")
    return list(latest.select("indicator_code", "indicator_name").iter_rows())


def choices(rows: pl.DataFrame, indicator: str) -> tuple[list[str], list[str]]:
    """(divisions, cycles) that an indicator was reported for; `rows` as `series.as_series` gives them."""
    mine = rows.filter(pl.col("indicator_code") == indicator)
    return mine["division_code"].unique().sort().to_list(), mine["cycle"].unique().sort().to_list()


def values(rows: pl.DataFrame, indicator: str, division: str, cycle: str) -> pl.DataFrame:
    """`period`, `period_to`, `name` (institution, or kind of them), `number`, `value`, `unit`, newest first."""
    mine = rows.filter(
        pl.col("indicator_code") == indicator,
        pl.col("division_code") == division,
        pl.col("cycle") == cycle,
    )
    named = mine.with_columns(name=pl.coalesce("org_name", "org_type"))
    return named.sort("period_to", "name", descending=[True, False]).select(
        "period",
        "period_to",
        "name",
        "number",
        "value",
        "unit",
        "yoy_pct",
        "mom_pct",
        "preliminary",
    )


def drawn(found: pl.DataFrame) -> list[tuple[str, Sequence[tuple[str, float | None]]]]:
    """(name, points) of at most six lines, those with the highest last values; what was told in two units is
    two lines, each with its unit in its name."""
    several = found["unit"].n_unique() > 1
    named = pl.format("{}（{}）", "name", "unit") if several else pl.col("name")
    ordered = found.with_columns(line=named).sort("period_to")
    last = ordered.unique("line", keep="last", maintain_order=True)
    names = last.sort("number", descending=True, nulls_last=True)["line"].head(MOST_LINES)
    return [
        (
            name,
            list(ordered.filter(pl.col("line") == name).select("period_to", "number").iter_rows()),
        )
        for name in names
    ]


def by_check(checks: pl.DataFrame) -> list[tuple[str, int]]:
    """(check, findings), the most first. `checks` are records of `finance_check`."""
    counts = (
        checks.group_by("check").len("count").sort(["count", "check"], descending=[True, False])
    )
    return [(check, count) for check, count in counts.iter_rows()]
