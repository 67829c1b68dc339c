"""Acts on tickets by people: each in one transaction, only on tickets that they see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.complaints import following
from hub.complaints.people import Clerk, sees
from hub.complaints.steps import Words, do
from hub.complaints.tables import complaint_position, complaint_ticket
from hub.database import write
from hub.terms import Office


def find(connection: Connection, one: Clerk, number: str) -> RowMapping:
    """A ticket's row, held until the transaction ends; what isn't one's to see is as absent as none.

    Raises Misdeclared (ticket_unknown).
    """
    query = select(complaint_ticket).where(complaint_ticket.c.ticket_no == number)
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    if row is None or not sees(one, row):
        raise Misdeclared(Issue("ticket_unknown", value=number[:64]))
    return row


def act(at: Office, one: Clerk, number: str, name: str, words: Words) -> dict[str, Any]:
    """Do one act; returns {ticket_no, state, department}.

    Raises Misdeclared (ticket_unknown, act_unknown, ticket_words, no_department), Refused (ticket_side,
    ticket_state, result_private, term_not_extended, calendar_over).
    """
    with write(at.engine) as connection:
        # Routing holds the position and then tickets. An act that held its ticket first, and came to the
        # position with what it returns to the platform, would wait for routing, and routing for it.
        connection.execute(select(complaint_position.c.id).with_for_update())
        row = find(connection, one, number)
        done = do(connection, at.terms, one, row, name, words)
        if name in ("assign", "decide_department"):
            following.children(connection, at.terms, number, str(words.department))
        return done
