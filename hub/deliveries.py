"""What departments delivered in a month: what came in it, and records of it that came later.

A file that was fetched again with the same bytes is no delivery: the department said nothing new.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from exchange_schemas.standard import Standard
from hub import ledger
from hub.months import ends, is_in, month_at, month_of_instant
from hub.tables import dataset, run

DELIVERED = pl.Schema({"dataset": pl.String, "reporter": pl.String, "period": pl.String})


def first_delivery(connection: Connection) -> str | None:
    """The month in which the hub was first given anything; nobody owed it a report before."""
    at = connection.scalar(select(func.min(run.c.started_at)))
    return None if at is None else month_of_instant(at)


def as_delivered() -> ColumnElement[bool]:
    """A condition on `run`: it took a delivery as the department gave it, for the first time.

    Rows that people corrected, deliveries read again and repeated bytes aren't counted twice.
    """
    return and_(run.c.state == "committed", run.c.kind == "pull", run.c.same_as.is_(None))


def delivered_in(connection: Connection, standard: Standard, periods: list[str]) -> pl.DataFrame:
    """`DELIVERED`: by whose committed runs `standard` was given rows in which of the `periods`,
    which are months in order without a gap."""
    reporter = func.coalesce(run.c.department, standard.department)
    query = (
        _runs(standard)
        .with_only_columns(reporter, month_at(run.c.started_at, periods))
        .where(is_in(run.c.started_at, periods))
        .distinct()
    )
    rows = [(standard.dataset, who, period) for who, period in connection.execute(query)]
    return pl.DataFrame(rows, DELIVERED, orient="row")


def dated_in(connection: Connection, standard: Standard, periods: list[str]) -> pl.DataFrame:
    """`DELIVERED`: by whom records dated in `periods` were given after those months were over.

    A decision of a month's last day comes in the next one. Revisions after the earliest of the
    periods are read, so ask only where nothing came in time.
    """
    query = _runs(standard).where(
        run.c.started_at >= ends(min(periods)), run.c.first_seq.is_not(None)
    )
    runs = [
        (one.first_seq, one.last_seq, one.department or standard.department)
        for one in connection.execute(query)
    ]
    if not runs or not standard.as_of:
        return DELIVERED.to_frame()
    named = ("first", "last", "reporter")
    begun = pl.DataFrame(runs, named, orient="row").sort("first")
    after, last = int(begun["first"][0]) - 1, max(one[1] for one in runs)
    parts = [
        _dated(standard, frame, begun).filter(pl.col("period").is_in(periods))
        for frame in ledger.content_frames(connection, standard.dataset, after, last)
    ]
    found = pl.concat([DELIVERED.to_frame(), *parts])
    return found.unique()


def _dated(standard: Standard, frame: pl.DataFrame, begun: pl.DataFrame) -> pl.DataFrame:
    """`DELIVERED` of a frame of contents (seq, json), by the ranges of runs in `begun`."""
    days = [pl.col("json").str.json_path_match(f"$.{name}") for name in standard.as_of]
    told = frame.filter(pl.col("json") != "").select("seq", pl.coalesce(days).alias("day"))
    whose = told.sort("seq").join_asof(begun, left_on="seq", right_on="first")
    return (
        whose.filter(pl.col("seq") <= pl.col("last"), pl.col("day").is_not_null())
        .select(
            pl.lit(standard.dataset).alias("dataset"),
            "reporter",
            pl.col("day").str.slice(0, 7).alias("period"),
        )
        .unique()
    )


def _runs(standard: Standard) -> Select[Any]:
    return (
        select(run.c.department, run.c.started_at, run.c.first_seq, run.c.last_seq)
        .join(dataset, dataset.c.id == run.c.dataset_id)
        .where(dataset.c.name == standard.dataset, as_delivered(), run.c.accepted > 0)
    )
