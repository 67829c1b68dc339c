"""Reminders and escalations of tickets: the department is reminded; what is over goes to its head and
to the supervisor, and stands on the supervision list until it is done."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.issue import Issue
from hub import term_notices, terms
from hub.complaints.efficiency_words import TERMS
from hub.complaints.people import PLATFORM_OFFICE
from hub.complaints.tables import complaint_ticket
from hub.database import write
from hub.tables_of_terms import COMPLAINT
from hub.term_notices import DESK, HEAD, SUPERVISOR
from hub.terms import Office


def sweep(at: Office) -> dict[str, int]:
    """Remind and escalate, each term once, then mail; returns {reminded, escalated, mailed}."""
    with write(at.engine) as connection:
        done = terms.sweep(connection, at.terms, COMPLAINT, _tell)
    return {**done, "mailed": term_notices.send_all(at.site, at.engine)}


def _tell(connection: Connection, term: RowMapping, how: str) -> None:
    query = select(complaint_ticket).where(complaint_ticket.c.id == term["matter_id"])
    row = connection.execute(query).mappings().one()
    code = "ticket_due" if how == "remind" else "ticket_overdue"
    words = term_notices.term_words(TERMS.get(term["term"], term["term"]), term)
    issue = Issue(code, value=row["ticket_no"], params=words)
    owing = row["department"] or PLATFORM_OFFICE
    told = [(owing, DESK)]
    if how == "escalate":
        told += [(owing, HEAD), (PLATFORM_OFFICE, SUPERVISOR)]
    for party, role in told:
        term_notices.note(connection, COMPLAINT, row["id"], party, role, issue)
