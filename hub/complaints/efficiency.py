"""How well departments handle tickets: on time, and how long it takes, in columns of groups.

| column | meaning |
|---|---|
| tickets | received in the months |
| open | not closed yet |
| terms | duties that began with these tickets and are met or over |
| on_time | … of which met before their end |
| on_time_rate | on_time ÷ terms; null where there is none |
| accept_median, accept_90 | days from receipt until accepted, refused or decided |
| close_median, close_90 | days from receipt until closed by the department |
| handed_back | how often departments said that a ticket isn't theirs |
| supervised | tickets that were put on the supervision list by hand |

Days are days of 24 hours. `90`: nine of ten took no longer. Of a ticket that the platform took back and sent
again they are counted from then on; a term that it ended by taking the ticket back is nobody's merit.
Internal: `for_public` leaves small cells out.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from exchange_schemas.days import HERE
from hub.bulk import select_frame
from hub.complaints.states import WITHDRAWN
from hub.complaints.tables import complaint_step, complaint_ticket
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
        "state": pl.String,
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
_AGAIN = pl.Schema({"id": pl.Int64, "resumed_at": pl.String})
_AT = "%Y-%m-%dT%H:%M:%S%.3fZ"


def efficiency(connection: Connection, first: str, last: str) -> pl.DataFrame:
    """One row for each ticket received in the months `first` to `last` (YYYY-MM): `GROUPS`, and what
    `summed` adds up. Raises Misdeclared (month_invalid, months_too_many)."""
    months = span(first, last)
    if not months:
        return _measured(*(pl.DataFrame(schema=one) for one in (_TICKETS, _TERMS, _AGAIN)))
    inside = is_in(complaint_ticket.c.received_at, months)
    query = select(*(complaint_ticket.c[name] for name in _TICKETS)).where(inside)
    tickets = select_frame(connection, query, _TICKETS)
    now = utc_now()
    over = step_due.c.met_at.is_not(None) | (step_due.c.due_at <= now)
    owed = (
        select(step_due.c.matter_id, step_due.c.due_at, step_due.c.met_at)
        .join(complaint_ticket, complaint_ticket.c.id == step_due.c.matter_id)
        .where(
            step_due.c.matter == COMPLAINT,
            step_due.c.right_only == 0,
            inside,
            over,
            ~_taken_back(),
        )
    )
    again = (
        select(complaint_step.c.ticket_id, func.max(complaint_step.c.at))
        .join(complaint_ticket, complaint_ticket.c.id == complaint_step.c.ticket_id)
        .where(complaint_step.c.act == "resume", inside)
        .group_by(complaint_step.c.ticket_id)
    )  # fmt: skip
    terms = select_frame(connection, owed, _TERMS)
    return _measured(tickets, terms, select_frame(connection, again, _AGAIN))


def _taken_back() -> ColumnElement[bool]:
    """Whether a term was ended in time by nothing but the platform's taking the ticket back."""
    step = complaint_step.c
    mine = (step.ticket_id == step_due.c.matter_id) & (step.at == step_due.c.met_at)
    ended = exists().where(mine, step.act == "withdraw")
    return and_(ended, step_due.c.met_at < step_due.c.due_at)


def _measured(tickets: pl.DataFrame, terms: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    met = (pl.col("met_at") < pl.col("due_at")).fill_null(value=False)
    duties = terms.group_by("id").agg(
        terms=pl.len().cast(pl.Int64), on_time=met.sum().cast(pl.Int64)
    )
    received = pl.col("received_at").str.to_datetime(_AT, time_zone="UTC")
    here = received.dt.convert_time_zone(HERE.key)
    begun = pl.coalesce("resumed_at", "received_at").str.to_datetime(_AT, time_zone="UTC")
    own = pl.when(pl.col("state") != WITHDRAWN)
    rows = tickets.join(duties, on="id", how="left").join(again, on="id", how="left")
    return rows.select(
        pl.col("department").fill_null("-"),
        pl.col("division_code").str.head(DIVISION).fill_null("-").alias("division"),
        pl.col("category_code").str.head(CATEGORY).fill_null("-").alias("category"),
        here.dt.strftime("%Y-%m").alias("month"),
        pl.lit(1, pl.Int64).alias("tickets"),
        pl.col("closed_at").is_null().cast(pl.Int64).alias("open"),
        pl.col("terms").fill_null(0),
        pl.col("on_time").fill_null(0),
        _days(begun, "accepted_at").alias("accept"),
        own.then(_days(begun, "closed_at")).alias("close"),
        pl.col("hand_backs").alias("handed_back"),
        pl.col("supervised_at").is_not_null().cast(pl.Int64).alias("supervised"),
    )


def _days(begun: pl.Expr, until: str) -> pl.Expr:
    took = pl.col(until).str.to_datetime(_AT, time_zone="UTC") - begun
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
