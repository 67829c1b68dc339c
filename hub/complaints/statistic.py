"""Statistics for publication: complaint_statistic by month, from the tickets, without small numbers.

| records of a month | division | department | category |
|---|---|---|---|
| cells | county | 全部部门 | first level |
| by county, by category, altogether | county or city | 全部部门 | first level or 全部事项 |
| by department | city | department | 全部事项 |

A number below 5 is withheld, and so is whatever one could be computed from (`publisher.small_cells`); then
all published numbers of a month are looked at together, as equations (`told_by_all`). Every county and
category that tickets ever had has its record, with numbers or without: a missing one would say zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from exchange_schemas.codes import load_codes
from exchange_schemas.days import HERE
from hub.months import first_day, last_day, month_of
from publisher.small_cells import FLOOR, suppress, totals

COUNTS = {
    "received": "接收量",
    "accepted": "受理量",
    "closed": "办结量",
    "closed_on_time": "按期办结量",
    "mediated": "调解成功量",
}
ALL_DEPARTMENTS, ALL_CATEGORIES = "全部部门", "全部事项"
UNKNOWN = ""  # county of a ticket that doesn't say one of the city: in totals only
MOST_NAMED = 20  # businesses
_CELL = ("county", "top")
_ALMOST = 1e-6
_NAMED = "legal_or_unincorporated"  # a sole trader's business name may be a person's


def statistics(
    rows: pl.DataFrame, day: date, city: str, counties: tuple[str, ...]
) -> pl.DataFrame:
    """Records of complaint_statistic for the months that are over on `day`.

    `rows` as `tickets.tickets` gives them; `city` is its division code, `counties` those of it.
    """
    told = _counted(rows.filter(pl.col("month") < month_of(day)), counties)
    parts = [
        _month(one, name[0], told, city)
        for name, one in told.group_by("month", maintain_order=True)
    ]
    if not parts:
        return pl.DataFrame(schema={"period": pl.String})
    return pl.concat(parts, how="diagonal").sort("period", "division_code", "dept", "category")


def _counted(rows: pl.DataFrame, counties: tuple[str, ...]) -> pl.DataFrame:
    """month, county, top, top_name, dept, respondent fields, and 0 or 1 for each of `COUNTS`; recovered.

    accepted: a complaint that was accepted (order 20, art. 14). closed: the platform says so, or else the
    department closed it here. closed_on_time: closed by the ticket's due_on; without one it isn't counted.
    """
    closed_here = pl.when(pl.col("state").eq_missing("closed")).then(
        pl.col("closed_at")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC")
        .dt.convert_time_zone(HERE.key)
        .dt.strftime("%Y-%m-%d")
    )
    closed = pl.coalesce("closed_on", closed_here)
    mediated = pl.col("mediation_result").eq_missing("达成")
    amount = pl.col("amount_yuan").cast(pl.Decimal(20, 2))
    inside = pl.col("county").is_in(counties).fill_null(value=False)
    return rows.select(
        "month",
        pl.when(inside).then("county").otherwise(pl.lit(UNKNOWN)).alias("county"),
        pl.col("top").fill_null(""),
        "top_name",
        _department().alias("dept"),
        "respondent",
        "respondent_name",
        "respondent_type",
        "kind",
        pl.lit(1, pl.Int64).alias("received"),
        pl.col("accept_decision").eq_missing("受理").cast(pl.Int64).alias("accepted"),
        closed.is_not_null().cast(pl.Int64).alias("closed"),
        (closed <= pl.col("due_on")).fill_null(value=False).cast(pl.Int64).alias("closed_on_time"),
        mediated.cast(pl.Int64).alias("mediated"),
        pl.when(mediated).then(amount).alias("recovered"),
    ).sort("month")


def _department() -> pl.Expr:
    """The department's name: of the one that the hub routed to, or else as the platform says."""
    titles = {code: one.title for code, one in load_codes("departments").codes.items()}
    routed = pl.col("department").replace_strict(titles, default=None, return_dtype=pl.String)
    return pl.coalesce(routed, "assigned_dept", pl.lit("未分派"))


def _month(rows: pl.DataFrame, month: object, every: pl.DataFrame, city: str) -> pl.DataFrame:
    cells = _table(rows, _CELL, every)
    departments = _table(rows, ("dept",), every)
    whole = cells.select(pl.sum(*COUNTS))
    shown = {
        "cells": suppress(cells, _CELL, list(COUNTS)),
        "counties": totals(cells, _CELL, list(COUNTS), "top"),
        "tops": totals(cells, _CELL, list(COUNTS), "county"),
        "departments": suppress(departments, ("dept",), list(COUNTS)),
        "whole": whole.select(
            pl.when(pl.col(n) >= FLOOR).then(pl.col(n)).alias(n) for n in COUNTS
        ),
    }
    shown["cells"] = _safe(cells, shown)
    names = (
        every.select("top", "top_name")
        .unique("top", keep="first")
        .with_columns(
            pl.when(pl.len().over("top_name") > 1)
            .then(pl.format("{}（{}）", "top_name", "top"))
            .otherwise("top_name")
            .alias("top_name")
        )
    )
    placed = [_placed(one, names, city) for one in shown.values()]
    told = pl.concat(placed, how="diagonal").filter(pl.col("division_code") != UNKNOWN)
    return _records(told, rows, str(month), city)


def _table(rows: pl.DataFrame, groups: tuple[str, ...], every: pl.DataFrame) -> pl.DataFrame:
    """`COUNTS` of every combination that there may be, zero where there is none."""
    frame = pl.DataFrame({"_": [0]})
    for name in groups:
        frame = frame.join(every.select(name).unique().sort(name), how="cross")
    sums = rows.group_by(groups).agg(pl.sum(*COUNTS))
    joined = frame.drop("_").join(sums, on=groups, how="left", maintain_order="left")
    return joined.with_columns(pl.col(*COUNTS).fill_null(0))


def _safe(cells: pl.DataFrame, shown: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The cells as they may be shown; of a count of which a withheld number still follows, none."""
    bad = [name for name in COUNTS if told_by_all(cells, shown, name)]
    return shown["cells"].with_columns(pl.lit(None, pl.Int64).alias(name) for name in bad)


def told_by_all(cells: pl.DataFrame, shown: dict[str, pl.DataFrame], name: str) -> bool:
    """Whether a withheld cell or total of one count follows from all that are shown together.

    Every number is an equation over the cells; a number follows where its equation is a combination of
    those of the shown ones.
    """
    numbered = cells.with_row_index("_n")
    equations: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for part, groups in (
        ("cells", _CELL),
        ("counties", ("county",)),
        ("tops", ("top",)),
        ("whole", ()),
    ):
        for row in shown[part].iter_rows(named=True):
            inside = pl.all_horizontal(pl.lit(value=True), *(pl.col(g) == row[g] for g in groups))
            line = numbered.select(inside.alias("in"))["in"].to_numpy().astype(float)
            equations[row[name] is not None].append(np.resize(line, cells.height))
    if not equations[True] or not equations[False]:
        return False
    known = np.vstack(equations[True])
    wanted = np.vstack(equations[False])
    left = wanted - wanted @ np.linalg.pinv(known) @ known
    return bool((np.abs(left).max(axis=1) < _ALMOST).any())


def _placed(shown: pl.DataFrame, names: pl.DataFrame, city: str) -> pl.DataFrame:
    """The keys of records: division_code, dept, category, category_code."""
    has = set(shown.columns)
    told = shown.join(names, on="top", how="left") if "top" in has else shown
    code = pl.col("top").replace("", None) if "top" in has else pl.lit(None, pl.String)
    return told.select(
        *(pl.col(one) for one in COUNTS),
        (pl.col("county") if "county" in has else pl.lit(city)).alias("division_code"),
        (pl.col("dept") if "dept" in has else pl.lit(ALL_DEPARTMENTS)).alias("dept"),
        (pl.col("top_name") if "top" in has else pl.lit(ALL_CATEGORIES)).alias("category"),
        code.alias("category_code"),
    )


def _records(told: pl.DataFrame, rows: pl.DataFrame, month: str, city: str) -> pl.DataFrame:
    hidden = pl.concat_list(
        pl.when(pl.col(name).is_null()).then(pl.lit(title)) for name, title in COUNTS.items()
    ).list.drop_nulls()
    whole = (
        (pl.col("division_code") == city)
        & (pl.col("dept") == ALL_DEPARTMENTS)
        & (pl.col("category") == ALL_CATEGORIES)
    )
    named = list(_named(rows))
    recovered = rows["recovered"].sum() or 0
    return told.with_columns(
        pl.lit(month).alias("period"),
        pl.lit(str(first_day(month))).alias("period_from"),
        pl.lit(str(last_day(month))).alias("period_to"),
        pl.when(hidden.list.len() > 0).then(hidden).alias("suppressed"),
        _rate("closed_on_time", "closed").alias("on_time_rate"),
        _rate("mediated", "accepted").alias("mediation_success_rate"),
        pl.when(whole & pl.col("mediated").is_not_null())
        .then(pl.lit(f"{recovered:.2f}"))
        .alias("recovered_yuan"),
        pl.when(whole & pl.col("received").is_not_null() & pl.lit(bool(named)))
        .then(pl.lit(named, pl.List(pl.String)))
        .alias("top_respondents"),
    )


def _named(rows: pl.DataFrame) -> Iterator[str]:
    """Businesses with at least 5 complaints (投诉) in the month, the most first (order 20, art. 34)."""
    theirs = rows.filter(pl.col("kind") == "投诉", pl.col("respondent_type") == _NAMED).drop_nulls(
        ["respondent", "respondent_name"]
    )
    often = theirs.group_by("respondent").agg(
        pl.len().alias("n"), pl.col("respondent_name").last()
    )
    ranked = often.filter(pl.col("n") >= FLOOR).sort(["n", "respondent"], descending=[True, False])
    yield from ranked["respondent_name"].head(MOST_NAMED)


def _rate(part: str, whole: str) -> pl.Expr:
    """A percentage with two decimals, where both numbers are shown."""
    share = (pl.col(part) * 10_000 / pl.col(whole)).round(0).cast(pl.Int64)
    text = pl.format("{}.{}", share // 100, (share % 100).cast(pl.String).str.zfill(2))
    return pl.when(pl.col(part).is_not_null() & pl.col(whole).is_not_null()).then(text)
