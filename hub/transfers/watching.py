"""Reminders of terms that end soon, and escalation of those that are over, of case transfers.

Who is told: the side that owes it, of a reminder; of an escalation also the head of the department,
or, where the addressee owes it, the sender and the procuratorate that has a copy (order 310, articles
14, 16 and 17).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.issue import Issue
from hub import term_notices, terms
from hub.database import write
from hub.instant import utc_now
from hub.tables_of_terms import TRANSFER, step_due
from hub.term_notices import DESK, HEAD, SUPERVISOR
from hub.terms import Office
from hub.transfers.parties import Actor, visible
from hub.transfers.states import ADDRESSEE, PROCURATORATE, SENDER, SENDER_HEAD
from hub.transfers.tables import transfer
from hub.transfers.words import TERMS


def sweep(at: Office) -> dict[str, int]:
    """Remind and escalate, each term once, then mail; returns {reminded, escalated, mailed}."""
    with write(at.engine) as connection:
        done = terms.sweep(connection, at.terms, TRANSFER, _tell)
    return {**done, "mailed": term_notices.send_all(at.site, at.engine)}


def _tell(connection: Connection, term: RowMapping, how: str) -> None:
    query = select(transfer).where(transfer.c.id == term["matter_id"])
    row = connection.execute(query).mappings().one()
    code = "transfer_due" if how == "remind" else "transfer_overdue"
    words = term_notices.term_words(TERMS.get(term["term"], term["term"]), term)
    issue = Issue(code, value=row["number"], params=words)
    for party, role in _told(row, term["owed_by"], how):
        term_notices.note(connection, TRANSFER, row["id"], party, role, issue)


def _told(row: RowMapping, owed_by: str, how: str) -> list[tuple[str, str]]:
    sender, addressee, watching = row["from_department"], row["addressee"], row["procuratorate"]
    owing = {
        SENDER: (sender, DESK),
        SENDER_HEAD: (sender, HEAD),
        ADDRESSEE: (addressee, DESK),
        PROCURATORATE: (watching, DESK),
    }
    found = [owing[owed_by]]
    if how == "escalate":
        if owed_by in (SENDER, SENDER_HEAD):
            found += [(sender, HEAD), (sender, SUPERVISOR)]
        else:
            found += [(addressee, HEAD), (sender, DESK), (sender, SUPERVISOR)]
        found += [(watching, SUPERVISOR)] if watching and owed_by != PROCURATORATE else []
    return list(dict.fromkeys((party, role) for party, role in found if party))


def overdue(connection: Connection, actor: Actor) -> list[dict[str, Any]]:
    """The actor's cases with a duty that is over: {number, state, term, owed_by, due_at, rule}."""
    told = (step_due.c[name] for name in ("term", "owed_by", "due_at", "rule"))
    query = (
        select(transfer.c.number, transfer.c.state, *told)
        .join(step_due, step_due.c.matter_id == transfer.c.id)
        .where(visible(actor), terms.owed(TRANSFER), step_due.c.due_at <= utc_now())
        .order_by(step_due.c.due_at, step_due.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
