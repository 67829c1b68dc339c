"""The first terms of new tickets: counted from when the platform received them, many at a time."""

from __future__ import annotations

import logging
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.days import HERE
from exchange_schemas.errors import Refused
from exchange_schemas.step_terms import StepTerm, terms_on
from exchange_schemas.working_calendar import WorkingCalendar
from hub.bulk import insert_frame, select_frame
from hub.complaints.states import CLOSED, TAKE
from hub.complaints.tables import complaint_ticket
from hub.tables_of_terms import COMPLAINT, step_due
from hub.terms import Terms, as_text

FOUND = {"id": pl.Int64, "kind": pl.String, "received_at": pl.String}
BLOCK = 500

logger = logging.getLogger(__name__)


def begin_terms(connection: Connection, terms: Terms, numbers: pl.Series) -> int:
    """Begin the terms of the tickets with these numbers; returns how many have none, because the
    calendar ends before theirs. A term of hours is counted for each ticket, one of days for each day.
    """
    tickets = _tickets(connection, numbers.to_list())
    at = pl.col("received_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_zone="UTC")
    day = at.dt.convert_time_zone(HERE.key).dt.strftime("%Y-%m-%d")
    named, missed = tickets.with_columns(day.alias("day")), 0
    for (kind, on), part in named.group_by("kind", "day"):
        start = datetime.fromisoformat(f"{on}T00:00:00+08:00")
        for term in terms_on(terms.every, str(kind), TAKE, start.date()):
            try:
                due = _due(part, term, start, terms.calendar)
            except Refused as error:
                logger.warning("complaints: %s", error.issue.code)
                missed += part.height
                continue
            rows = part.select(
                pl.lit(COMPLAINT).alias("matter"),
                pl.col("id").alias("matter_id"),
                pl.lit(1, pl.Int64).alias("step_number"),
                pl.lit(term.step).alias("term"),
                pl.lit(term.name).alias("rule"),
                pl.lit(term.owed_by).alias("owed_by"),
                pl.lit(int(term.right), pl.Int64).alias("right_only"),
                pl.col("received_at").alias("begun_at"),
                due.alias("due_at"),
            )
            insert_frame(connection, step_due, rows)
    return missed


def _due(
    part: pl.DataFrame, term: StepTerm, day: datetime, calendar: WorkingCalendar
) -> pl.Series:
    """When the term of each ticket of one day is over; raises Refused (calendar_over)."""
    if term.unit != "hours":
        return pl.Series([as_text(term.end(day, calendar))]).new_from_index(0, part.height)
    begun = (datetime.fromisoformat(at) for at in part["received_at"])
    return pl.Series([as_text(term.end(at, calendar)) for at in begun])


def _tickets(connection: Connection, numbers: list[str]) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=FOUND)]
    for at in range(0, len(numbers), BLOCK):
        query = select(*(complaint_ticket.c[name] for name in FOUND)).where(
            complaint_ticket.c.ticket_no.in_(numbers[at : at + BLOCK]),
            complaint_ticket.c.state != CLOSED,
        )
        parts.append(select_frame(connection, query, FOUND))
    return pl.concat(parts)
