"""Who may look at a case, and that every look is written down; a foreign case is as absent as none."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, insert, select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import terms
from hub.database import write
from hub.instant import utc_now
from hub.tables_of_terms import TRANSFER, step_due
from hub.transfers import files
from hub.transfers.parties import Actor, party_name, sides, visible
from hub.transfers.tables import transfer, transfer_look, transfer_step

LISTED = ("number", "state", "from_department", "to_kind", "transfer_no", "created_at")
STEP = ("number", "act", "state", "actor", "at", "doc_no", "reason", "result")
PAGE = 500


def unknown(number: str) -> Misdeclared:
    """The one answer for what isn't there, and for what isn't the asker's."""
    return Misdeclared(Issue("transfer_unknown", value=number[:32]))


def find(connection: Connection, actor: Actor, number: str, what: str) -> RowMapping:
    """The row of the actor's case, held until the transaction ends; the look is noted.

    A try at a foreign case is noted too, so the caller's transaction has to be committed.
    Raises Misdeclared (transfer_unknown).
    """
    query = select(transfer).where(transfer.c.number == number[:32]).with_for_update()
    # A number is letters and digits; PostgreSQL can't even be asked for a NUL.
    row = connection.execute(query).mappings().one_or_none() if number.isalnum() else None
    if row is None:
        raise unknown(number)
    allowed = bool(sides(actor, row))
    note(connection, row["id"], actor, what, allowed=allowed)
    if not allowed:
        raise unknown(number)
    return row


def note(connection: Connection, number: int, actor: Actor, what: str, *, allowed: bool) -> None:
    """Write a look down."""
    row = {"transfer_id": number, "actor": actor.name, "what": what, "allowed": int(allowed)}
    connection.execute(insert(transfer_look).values(**row, at=utc_now()))


def looked(engine: Engine, actor: Actor, number: str, what: str) -> RowMapping:
    """As `find`, in a transaction of its own: the look, or the try, is kept whatever follows."""
    with write(engine) as connection:
        try:
            return find(connection, actor, number, what)
        except Misdeclared as error:
            refused = error
    raise refused


def listing(connection: Connection, actor: Actor, after: int = 0) -> list[dict[str, Any]]:
    """The actor's cases, at most `PAGE` with an id above `after`: `LISTED`, id, to, overdue."""
    query = select(transfer).where(visible(actor), transfer.c.id > after)
    rows = connection.execute(query.order_by(transfer.c.id).limit(PAGE)).mappings().all()
    over = terms.owed(TRANSFER) & (step_due.c.due_at <= utc_now())
    mine = step_due.c.matter_id.in_([row["id"] for row in rows])
    late = set(connection.scalars(select(step_due.c.matter_id).where(over, mine)))
    called = cache(lambda party: party_name(connection, party))
    found = []
    for row in rows:
        note(connection, row["id"], actor, "list", allowed=True)
        shown = {name: row[name] for name in LISTED}
        more = {"to": called(row["addressee"]), "overdue": row["id"] in late}
        found.append({"id": row["id"], **shown, **more})
    return found


def show(connection: Connection, row: RowMapping) -> dict[str, Any]:
    """All of a case that was found: its content, steps, files and terms."""
    watching = row["procuratorate"]
    return {
        **{name: row[name] for name in LISTED},
        "to": party_name(connection, row["addressee"]),
        "procuratorate": watching and party_name(connection, watching),
        "case": json.loads(row["content"]),
        "steps": [{name: step[name] for name in STEP} for step in steps_of(connection, row["id"])],
        "files": files.files_of(connection, row["id"]),
        "terms": terms.terms_of(connection, TRANSFER, row["id"]),
    }


def steps_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    """Every step of a case in order, with `on`, its day here."""
    return steps_by_case(connection, transfer_step.c.transfer_id == number)[number]


def steps_by_case(
    connection: Connection, which: ColumnElement[bool]
) -> dict[int, list[dict[str, Any]]]:
    """The steps of which `which` holds, as `steps_of`, by the case's id."""
    query = select(transfer_step).where(which).order_by(transfer_step.c.number)
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(query).mappings():
        told = {**row, "on": terms.day_of(row["at"])}
        found.setdefault(row["transfer_id"], []).append(told)
    return found
