"""Tickets as staff see them: lists, one ticket, what is supervised. Nothing of who reported."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from exchange_schemas.catalogue import Catalogue
from hub import ledger, terms
from hub.complaints.people import Clerk, visible
from hub.complaints.routing import DATASET
from hub.complaints.states import ESCALATED, OPEN
from hub.complaints.tables import complaint_step, complaint_ticket
from hub.instant import utc_now
from hub.tables_of_terms import COMPLAINT, step_due
from hub.terms import as_text

LISTED = (
    "ticket_no", "state", "kind", "category_code", "division_code", "department", "route",
    "received_at", "hand_backs", "supervised_at", "split_from", "respondent_uscc",
)  # fmt: skip
STEP = ("number", "act", "state", "actor", "at", "department", "reason", "ground", "decision",
        "mediation")  # fmt: skip
PAGE = 500
REPEATED, REPEATED_DAYS = 3, 30


def listing(
    connection: Connection, one: Clerk, states: tuple[str, ...] = OPEN, after: str = ""
) -> list[dict[str, Any]]:
    """What somebody sees, by number, at most `PAGE`: `LISTED`, due_at of the next term, overdue."""
    return _page(connection, visible(one) & complaint_ticket.c.state.in_(states), after)


def _page(connection: Connection, which: ColumnElement[bool], after: str) -> list[dict[str, Any]]:
    query = select(complaint_ticket).where(which, complaint_ticket.c.ticket_no > after)
    rows = connection.execute(query.order_by(complaint_ticket.c.ticket_no).limit(PAGE)).mappings()
    found = rows.all()
    due = _due(connection, [row["id"] for row in found])
    now = utc_now()
    return [
        {
            **{name: row[name] for name in LISTED},
            "due_at": due.get(row["id"]),
            "overdue": row["id"] in due and due[row["id"]] <= now,
        }
        for row in found
    ]


def _due(connection: Connection, numbers: list[int]) -> dict[int, str]:
    """ticket → when its next open term is over."""
    query = select(step_due.c.matter_id, step_due.c.due_at).where(
        terms.owed(COMPLAINT), step_due.c.matter_id.in_(numbers)
    )
    found: dict[int, str] = {}
    for number, due in connection.execute(query):
        found[number] = min(due, found.get(number, due))
    return found


def show(connection: Connection, catalogue: Catalogue, row: RowMapping) -> dict[str, Any]:
    """All of a ticket that was found, with the fields of its record that aren't sealed."""
    mine = complaint_step.c.ticket_id == row["id"]
    steps = connection.execute(
        select(complaint_step).where(mine).order_by(complaint_step.c.number)
    ).mappings()
    return {
        **{name: row[name] for name in LISTED},
        "parts": parts_of(connection, row["ticket_no"]),
        "record": _record(connection, catalogue, row["seq"]),
        "steps": [{name: step[name] for name in STEP} for step in steps],
        "terms": terms.terms_of(connection, COMPLAINT, row["id"]),
    }


def parts_of(connection: Connection, number: str) -> list[str]:
    """The numbers of the tickets that were split from one."""
    mine = complaint_ticket.c.split_from == number
    query = select(complaint_ticket.c.ticket_no).where(mine).order_by(complaint_ticket.c.ticket_no)
    return list(connection.scalars(query))


def _record(connection: Connection, catalogue: Catalogue, seq: int) -> dict[str, Any]:
    """The record as a government department may have it: sealed fields never leave the ledger."""
    allowed = catalogue.get(DATASET).fields_for("government")
    for frame in ledger.frames_of(connection, DATASET, pl.Series("seq", [seq])):
        for line in frame.filter(pl.col("seq") == seq)["json"]:
            told = json.loads(line) if line else {}
            return {name: told[name] for name in allowed if name in told}
    return {}


def supervised(connection: Connection, one: Clerk) -> list[dict[str, Any]]:
    """The supervision list: tickets with `why`, of overdue, handed_back, repeated, marked.

    Of those that are open, and of closed ones where a duty is over: somebody has still to be told.
    handed_back: more than once, or waiting for the supervisor; repeated: one of at least `REPEATED`
    tickets on the same company within `REPEATED_DAYS` days; marked: put on the list by hand.
    """
    often = _repeated(connection)
    found = []
    for row in _every(connection, one):
        told = {
            "overdue": row["overdue"],
            "handed_back": row["hand_backs"] > 1 or row["state"] == ESCALATED,
            "repeated": row["respondent_uscc"] in often,
            "marked": row["supervised_at"] is not None,
        }
        if any(told.values()):
            found.append({**row, "why": [name for name, holds in told.items() if holds]})
    return found


def _repeated(connection: Connection) -> set[str]:
    """The companies that tickets are about again and again; split tickets count once."""
    since = as_text(datetime.now(UTC) - timedelta(days=REPEATED_DAYS))
    company = complaint_ticket.c.respondent_uscc
    query = (
        select(company)
        .where(
            company.is_not(None),
            complaint_ticket.c.received_at >= since,
            complaint_ticket.c.split_from.is_(None),
        )
        .group_by(company)
        .having(func.count() >= REPEATED)
    )
    return set(connection.scalars(query))


def _every(connection: Connection, one: Clerk) -> list[dict[str, Any]]:
    over = terms.owed(COMPLAINT) & (step_due.c.due_at <= utc_now())
    late = complaint_ticket.c.id.in_(select(step_due.c.matter_id).where(over))
    which = visible(one) & (complaint_ticket.c.state.in_(OPEN) | late)
    found: list[dict[str, Any]] = []
    while part := _page(connection, which, found[-1]["ticket_no"] if found else ""):
        found += part
        if len(part) < PAGE:
            break
    return found
