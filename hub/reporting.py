"""Which of the reports that departments owe were made, by data or by a nil report; silence is overdue."""

from __future__ import annotations

from datetime import date

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.catalogue import Catalogue
from hub.answering import Answering
from hub.bulk import select_frame
from hub.deliveries import DELIVERED, dated_in, delivered_in, first_delivery
from hub.months import span
from hub.reports_owed import OWED, owed
from hub.tables import dataset
from hub.tables_of_reports import nil_report

DATA, NIL = "data", "nil"
# by: data, nil, or null where nobody said a word
REPORTING = pl.Schema([*OWED.items(), ("by", pl.String)])


def reporting(
    connection: Connection, catalogue: Catalogue, datasets: list[str], periods: list[str], on: date
) -> pl.DataFrame:
    """`REPORTING`: the reports owed for `periods` (months in order without a gap), and how they came.

    Months before the hub was first given anything aren't owed. Raises as `owed` does.
    """
    begun = first_delivery(connection)
    months = [month for month in periods if begun is not None and month >= begun]
    asked = owed(catalogue, datasets, months, on)
    if asked.is_empty():
        return pl.DataFrame(schema=REPORTING)
    names = asked["dataset"].unique().sort().to_list()
    standards = [catalogue.get(name) for name in names]
    came = [delivered_in(connection, standard, months) for standard in standards]
    told = _with(asked, pl.concat([DELIVERED.to_frame(), *came]), on, DATA)
    told = _with(told, nil_reports(connection, names), on, NIL)
    return _with(told, _later(connection, catalogue, told), on, DATA).select(list(REPORTING))


def overdue(
    connection: Connection,
    catalogue: Catalogue,
    on: date,
    datasets: list[str] | None = None,
    until: str | None = None,
) -> pl.DataFrame:
    """`OWED` of which nothing was heard although the due day is over, the longest overdue first.

    `until` is the last month; by default that of `on`. Raises as `owed` does.
    """
    begun = first_delivery(connection)
    if begun is None:
        return pl.DataFrame(schema=OWED)
    months = span(begun, until or on.isoformat()[:7])
    found = reporting(connection, catalogue, datasets or catalogue.datasets(), months, on)
    silent = found.filter(pl.col("by").is_null(), pl.col("due") < on)
    return silent.select(list(OWED)).sort("due", "department", "dataset", "owner")


def nil_reports(connection: Connection, datasets: list[str]) -> pl.DataFrame:
    """`DELIVERED`: the nil reports that stand."""
    query = (
        select(dataset.c.name, nil_report.c.department, nil_report.c.period)
        .join(dataset, dataset.c.id == nil_report.c.dataset_id)
        .where(dataset.c.name.in_(datasets), nil_report.c.withdrawn_at.is_(None))
    )
    return select_frame(connection, query, DELIVERED)


def _with(asked: pl.DataFrame, reports: pl.DataFrame, on: date, how: str) -> pl.DataFrame:
    """`asked` with `by` filled with `how` where it was null and there is such a report."""
    answering = Answering(on)
    owners = asked["owner"].unique().sort()
    pairs = [(owner, one) for owner in owners for one in answering.may_report(owner)]
    who = pl.DataFrame(pairs, {"owner": pl.String, "reporter": pl.String}, orient="row")
    made = reports.join(who, on="reporter").select("dataset", "owner", "period").unique()
    told = asked.join(
        made.with_columns(_by=pl.lit(how)), on=["dataset", "owner", "period"], how="left"
    )
    before = pl.col("by") if "by" in asked.columns else pl.lit(None, pl.String)
    return told.with_columns(by=pl.coalesce(before, "_by")).drop("_by")


def _later(connection: Connection, catalogue: Catalogue, told: pl.DataFrame) -> pl.DataFrame:
    """`DELIVERED` of records that came after their month, for the reports that are missing."""
    missing = told.filter(pl.col("by").is_null()).group_by("dataset").agg("period")
    parts = [
        dated_in(connection, catalogue.get(name), sorted(set(periods)))
        for name, periods in missing.sort("dataset").iter_rows()
    ]
    return pl.concat([DELIVERED.to_frame(), *parts])
