"""What follows a ticket: those split from it, notices of new ones, and the end of one that is gone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import polars as pl
from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub import term_notices
from hub.complaints.people import PLATFORM_OFFICE, THE_HUB
from hub.complaints.states import (
    ASSIGNED,
    ESCALATED,
    HANDED_BACK,
    OPEN,
    TAKE,
    UNROUTED,
    WITHDRAWN,
)
from hub.complaints.steps import Words, do
from hub.complaints.tables import complaint_step, complaint_ticket
from hub.instant import utc_now
from hub.tables_of_terms import COMPLAINT
from hub.terms import Step, Terms, follow

SPLIT = "split:"
ROUTED = ("kind", "category_code", "division_code")  # what routes go by
AGAIN = (*ROUTED, "channel", "respondent_uscc")  # what a ticket that is sent again may change

logger = logging.getLogger(__name__)


def children(connection: Connection, terms: Terms, number: str, department: str) -> int:
    """Let tickets that were split from one go where it went; returns how many did.

    Those follow that have no department, or had the one that it had because they follow it.
    """
    query = select(complaint_ticket).where(
        complaint_ticket.c.split_from == number,
        complaint_ticket.c.state.in_((UNROUTED, ASSIGNED)),
        complaint_ticket.c.department.is_(None)
        | (
            complaint_ticket.c.route.startswith(SPLIT, autoescape=True)
            & (complaint_ticket.c.department != department)
        ),
    )
    rows = connection.execute(query.with_for_update()).mappings().all()
    for row in rows:
        words = Words(reason=f"{SPLIT}{number}"[:64], department=department)
        do(connection, terms, THE_HUB, row, "follow", words)
    return len(rows)


def tell_assigned(connection: Connection, placed: pl.DataFrame) -> None:
    """One notice for each department that has new tickets, and for the dispatcher."""
    counted = placed.with_columns(pl.col("department").fill_null(PLATFORM_OFFICE))
    for department, first, count in (
        counted.group_by("department", maintain_order=True)
        .agg(pl.col("ticket_no").first(), pl.len())
        .iter_rows()
    ):
        issue = Issue("tickets_new", value=first, params={"count": str(count)})
        number = _id(connection, first)
        term_notices.note(connection, COMPLAINT, number, department, term_notices.DESK, issue)


def _id(connection: Connection, number: str) -> int:
    query = select(complaint_ticket.c.id).where(complaint_ticket.c.ticket_no == number)
    return int(connection.scalars(query).one())


def withdraw_gone(connection: Connection, terms: Terms, keys: list[str]) -> int:
    """End the open tickets that the platform took back (keys of the ledger); returns how many."""
    rows = (_held(connection, unquote(key), OPEN) for key in keys)
    return sum(
        bool(do(connection, terms, THE_HUB, row, "withdraw", Words())) for row in rows if row
    )


def resume_sent_again(
    connection: Connection, terms: Terms, placed: pl.DataFrame
) -> tuple[int, int]:
    """Open the tickets again that the platform had taken back and sends now, `placed` as new ones are; returns
    how many, and how many of them have no term because the calendar ends before.

    What the platform says now counts. A ticket of another kind, category or division goes by the routes, the
    rest where they were; one that waited for the dispatcher does so again. Terms begin now.
    """
    done = missed = 0
    for one in placed.iter_rows(named=True):
        row = _held(connection, one["ticket_no"], (WITHDRAWN,))
        if row is None:
            continue
        again = {name: one[name] for name in AGAIN}
        place = one if any(one[name] != row[name] for name in ROUTED) else _place(connection, row)
        words = Words(reason=place["route"], department=place["department"], again=again)
        do(connection, terms, THE_HUB, row, "resume", words)
        step = Step(COMPLAINT, row["id"], row["step"] + 1, one["kind"], TAKE, utc_now())
        try:
            follow(connection, terms, step)
        except Refused as error:
            logger.warning("complaints: %s", error.issue.code)
            missed += 1
        done += 1
    return done, missed


def _place(connection: Connection, row: RowMapping) -> Mapping[str, Any]:
    """Where a ticket was when it was taken back: with its department, or with nobody."""
    mine = (complaint_step.c.ticket_id == row["id"]) & (complaint_step.c.number == row["step"])
    before = connection.scalar(select(complaint_step.c.state_before).where(mine))
    if before in (UNROUTED, HANDED_BACK, ESCALATED):
        return {"department": None, "route": None}
    return dict(row)


def _held(connection: Connection, number: str, states: tuple[str, ...]) -> RowMapping | None:
    """The row of a ticket in one of the states, held; None where it isn't."""
    query = select(complaint_ticket).where(
        complaint_ticket.c.ticket_no == number, complaint_ticket.c.state.in_(states)
    )
    return connection.execute(query.with_for_update()).mappings().one_or_none()
