"""Who may look at a case, and that every look is written down; a foreign case is as absent as none."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select

from exchange_schemas.days import HERE
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import terms
from hub.database import write
from hub.instant import utc_now
from hub.tables_of_terms import TRANSFER
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
    row = connection.execute(query).mappings().one_or_none()
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
    now = utc_now()
    late = {
        term["matter_id"]
        for term in terms.open_terms(connection, TRANSFER)
        if terms.is_overdue(term, now)
    }
    found = []
    for row in rows:
        note(connection, row["id"], actor, "list", allowed=True)
        shown = {name: row[name] for name in LISTED}
        more = {"to": party_name(connection, row["addressee"]), "overdue": row["id"] in late}
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
    mine = transfer_step.c.transfer_id == number
    query = select(transfer_step).where(mine).order_by(transfer_step.c.number)
    return [{**row, "on": day_of(row["at"])} for row in connection.execute(query).mappings()]


def day_of(at: str) -> str:
    """The day here of an instant."""
    return datetime.fromisoformat(at).astimezone(HERE).date().isoformat()


def looks_of(connection: Connection, number: int) -> list[dict[str, Any]]:
    """Who looked, in order: {actor, what, allowed, at}."""
    names = ("actor", "what", "allowed", "at")
    query = select(*(transfer_look.c[name] for name in names))
    query = query.where(transfer_look.c.transfer_id == number).order_by(transfer_look.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]
