"""What follows a ticket: those split from it, notices of new ones, and the end of one that is gone."""

from __future__ import annotations

from urllib.parse import unquote

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.issue import Issue
from hub import term_notices
from hub.complaints.people import PLATFORM_OFFICE, THE_HUB
from hub.complaints.states import ASSIGNED, OPEN, UNROUTED, WITHDRAWN
from hub.complaints.steps import Words, do
from hub.complaints.tables import complaint_ticket
from hub.tables_of_terms import COMPLAINT
from hub.terms import Terms

SPLIT = "split:"


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
    return sum(_follow(connection, terms, unquote(key), OPEN, "withdraw") for key in keys)


def resume_sent_again(connection: Connection, terms: Terms, known: pl.DataFrame) -> int:
    """Open the tickets again that the platform had taken back and sends now (`KNOWN`); returns how many.

    Each goes where it was, and its terms begin now. Raises Refused (calendar_over).
    """
    numbers = known.filter(pl.col("state") == WITHDRAWN)["ticket_no"].unique().sort()
    return sum(_follow(connection, terms, one, (WITHDRAWN,), "resume") for one in numbers)


def _follow(
    connection: Connection, terms: Terms, number: str, states: tuple[str, ...], act: str
) -> bool:
    """Do what the platform did to a ticket, if it is in one of the states."""
    query = select(complaint_ticket).where(
        complaint_ticket.c.ticket_no == number, complaint_ticket.c.state.in_(states)
    )
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    if row is not None:
        do(connection, terms, THE_HUB, row, act, Words())
    return row is not None
