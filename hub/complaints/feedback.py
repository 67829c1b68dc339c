"""What efficiency adds to what the hub measures itself: overdue, reopened, and how satisfied people were.

| column | meaning |
|---|---|
| overdue | duties that are over and weren't met in time |
| reopened | how often the platform took back that tickets are closed |
| rated | closed tickets of which somebody says how satisfied they are |
| satisfied | … of which 满意 or 基本满意 |
| satisfied_rate | satisfied ÷ rated; null where there is none |
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.catalogue import Catalogue
from hub import ledger
from hub.analysis import columns
from hub.bulk import select_frame
from hub.complaints.efficiency import COUNTS, DAYS, efficiency, summed
from hub.complaints.routing import DATASET
from hub.complaints.tables import complaint_ticket
from hub.months import is_in, span
from hub.site import Site

ADDED = ("overdue", "reopened", "rated", "satisfied")
SATISFIED, RATED = ("满意", "基本满意"), ("满意", "基本满意", "不满意")
_TICKETS = pl.Schema({"ticket_no": pl.String, "department": pl.String, "received_at": pl.String})


def by_department(
    site: Site, connection: Connection, catalogue: Catalogue, first: str, last: str
) -> pl.DataFrame:
    """One row for each department with tickets received in the months: department, `efficiency.COUNTS`,
    on_time_rate, `efficiency.DAYS`, `ADDED`, satisfied_rate. Raises Misdeclared (month_invalid,
    months_too_many)."""
    measured = summed(efficiency(connection, first, last), ("department",))
    told = (
        _told(site, connection, catalogue, first, last)
        .group_by("department")
        .agg(pl.col("reopened", "rated", "satisfied").sum())
    )
    joined = measured.join(told, on="department", how="left").with_columns(
        pl.col("reopened", "rated", "satisfied").fill_null(0),
        (pl.col("terms") - pl.col("on_time")).alias("overdue"),
    )
    rate = pl.when(pl.col("rated") > 0).then(pl.col("satisfied") / pl.col("rated"))
    return joined.with_columns(rate.cast(pl.Float64).alias("satisfied_rate")).select(
        "department", *COUNTS, "on_time_rate", *DAYS, *ADDED, "satisfied_rate"
    )


def _told(
    site: Site, connection: Connection, catalogue: Catalogue, first: str, last: str
) -> pl.DataFrame:
    """department, reopened, rated and satisfied of each ticket of the months."""
    months = span(first, last)
    inside = is_in(complaint_ticket.c.received_at, months) if months else complaint_ticket.c.id < 0
    query = select(*(complaint_ticket.c[name] for name in _TICKETS)).where(inside)
    tickets = select_frame(connection, query, _TICKETS)
    said = columns.scan(site, connection, catalogue.get(DATASET)).select(
        "ticket_no", "satisfaction"
    )
    joined = tickets.join(said.collect(), on="ticket_no", how="left").join(
        reopened(connection), on="ticket_no", how="left"
    )
    return joined.select(
        pl.col("department").fill_null("-"),
        pl.col("reopened").fill_null(0),
        _among(RATED).alias("rated"),
        _among(SATISFIED).alias("satisfied"),
    )


def _among(values: tuple[str, ...]) -> pl.Expr:
    return pl.col("satisfaction").is_in(values).fill_null(value=False).cast(pl.Int64)


def reopened(connection: Connection) -> pl.DataFrame:
    """ticket_no, reopened (how often a revision without closed_on follows one with it) of those that were.

    Reads every revision of the tickets, of which there are a few for each.
    """
    schema = pl.Schema({"seq": pl.Int64, "ticket_no": pl.String, "closed_on": pl.String})
    last = ledger.head_seq(connection, DATASET)
    parts = [pl.DataFrame(schema=schema)]
    for frame in ledger.content_frames(connection, DATASET, 0, last) if last else ():
        alive = frame.filter(pl.col("json") != "")
        dtype = pl.Struct({"ticket_no": pl.String, "closed_on": pl.String})
        told = alive.select("seq", pl.col("json").str.json_decode(dtype).struct.unnest())
        parts.append(told.select(schema.names()))
    said = pl.concat(parts).sort("seq")
    before = pl.col("closed_on").shift(1).over("ticket_no")
    again = said.filter(pl.col("closed_on").is_null() & before.is_not_null())
    return again.group_by("ticket_no").agg(pl.len().cast(pl.Int64).alias("reopened"))
