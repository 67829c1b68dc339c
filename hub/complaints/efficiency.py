"""How well departments handle tickets: on time, and how long it takes, in columns of groups.

| column | meaning |
|---|---|
| tickets | received in the months |
| open | not closed yet |
| terms | duties that began with these tickets and are met or over |
| on_time | … of which met before their end |
| on_time_rate | on_time ÷ terms; null where there is none |
| accept_median, accept_90 | days from receipt until accepted, refused or decided |
| close_median, close_90 | days from receipt until closed |
| handed_back | how often departments said that a ticket isn't theirs |
| supervised | tickets that were put on the supervision list by hand |

Days are days of 24 hours. `90`: nine of ten took no longer. Internal: `for_public` leaves small cells out.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.days import HERE
from hub.bulk import select_frame
from hub.complaints.tables import complaint_ticket
from hub.instant import utc_now
from hub.months import is_in, span
from hub.tables_of_terms import COMPLAINT, step_due
from publisher.small_cells import suppress

GROUPS = ("department", "division", "category", "month")
COUNTS = ("tickets", "open", "terms", "on_time", "handed_back", "supervised")
DAYS = ("accept_median", "accept_90", "close_median", "close_90")
CATEGORY = 2  # characters of a category's code that tell its first level
DIVISION = 6  # digits of a county

_TICKETS = pl.Schema(
    {
        "id": pl.Int64,
        "department": pl.String,
        "division_code": pl.String,
        "category_code": pl.String,
        "received_at": pl.String,
        "accepted_at": pl.String,
        "closed_at": pl.String,
        "hand_backs": pl.Int64,
        "supervised_at": pl.String,
    }
)
_TERMS = pl.Schema({"id": pl.Int64, "due_at": pl.String, "met_at": pl.String})
_AT = "%Y-%m-%dT%H:%M:%S%.3fZ"


def efficiency(connection: Connection, first: str, last: str) -> pl.DataFrame:
    """One row for each ticket received in the months `first` to `last` (YYYY-MM): `GROUPS`, and what
    `summed` adds up. Raises Misdeclared (month_invalid, months_too_many)."""
    months = span(first, last)
    if not months:
        return _measured(pl.DataFrame(schema=_TICKETS), pl.DataFrame(schema=_TERMS))
    inside = is_in(complaint_ticket.c.received_at, months)
    query = select(*(complaint_ticket.c[name] for name in _TICKETS)).where(inside)
    tickets = select_frame(connection, query, _TICKETS)
    now = utc_now()
    over = step_due.c.met_at.is_not(None) | (step_due.c.due_at <= now)
    owed = (
        select(step_due.c.matter_id, step_due.c.due_at, step_due.c.met_at)
        .join(complaint_ticket, complaint_ticket.c.id == step_due.c.matter_id)
        .where(step_due.c.matter == COMPLAINT, step_due.c.right_only == 0, inside, over)
    )
    return _measured(tickets, select_frame(connection, owed, _TERMS))


def _measured(tickets: pl.DataFrame, terms: pl.DataFrame) -> pl.DataFrame:
    met = (pl.col("met_at") < pl.col("due_at")).fill_null(value=False)
    duties = terms.group_by("id").agg(
        terms=pl.len().cast(pl.Int64), on_time=met.sum().cast(pl.Int64)
    )
    received = pl.col("received_at").str.to_datetime(_AT, time_zone="UTC")
    here = received.dt.convert_time_zone(HERE.key)
    return tickets.join(duties, on="id", how="left").select(
        pl.col("department").fill_null("-"),
        pl.col("division_code").str.head(DIVISION).fill_null("-").alias("division"),
        pl.col("category_code").str.head(CATEGORY).fill_null("-").alias("category"),
        here.dt.strftime("%Y-%m").alias("month"),
        pl.lit(1, pl.Int64).alias("tickets"),
        pl.col("closed_at").is_null().cast(pl.Int64).alias("open"),
        pl.col("terms").fill_null(0),
        pl.col("on_time").fill_null(0),
        _days(received, "accepted_at").alias("accept"),
        _days(received, "closed_at").alias("close"),
        pl.col("hand_backs").alias("handed_back"),
        pl.col("supervised_at").is_not_null().cast(pl.Int64).alias("supervised"),
    )


def _days(received: pl.Expr, until: str) -> pl.Expr:
    took = pl.col(until).str.to_datetime(_AT, time_zone="UTC") - received
    return took.dt.total_seconds() / 86_400


def summed(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The rows added up by some of `GROUPS`, or altogether: by, `COUNTS`, on_time_rate, `DAYS`."""
    sums = [pl.col(name).sum() for name in COUNTS]
    times = [
        pl.col(name).quantile(share, "nearest").round(2).alias(f"{name}_{word}")
        for name in ("accept", "close")
        for share, word in ((0.5, "median"), (0.9, "90"))
    ]
    names = list(by)
    told = rows.group_by(names).agg(*sums, *times) if names else rows.select(*sums, *times)
    rate = pl.when(pl.col("terms") > 0).then(pl.col("on_time") / pl.col("terms"))
    told = told.with_columns(rate.cast(pl.Float64).alias("on_time_rate"))
    ordered = told.sort(names) if names else told
    return ordered.select(*names, *COUNTS, "on_time_rate", *DAYS)


def for_public(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """`summed` without numbers that may tell of a person: below 5, or by which one follows.

    The times and the rate of a group are shown where all its counts are.
    """
    hidden = suppress(frame, by, COUNTS)
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in COUNTS)
    return hidden.with_columns(
        pl.when(whole).then(name).alias(name) for name in ("on_time_rate", *DAYS)
    )
