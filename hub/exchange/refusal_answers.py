"""Refusals as their department sees and answers them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, false, func, or_, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.answering import Answering
from hub.exchange.tables import exchange_view
from hub.exchange.tables_of_receipts import ANSWERED, OPEN, REFUSALS, SETTLED, refusal
from hub.instant import utc_now
from hub.states import HANDLER
from hub.tables import consumer, dataset, revision

LIMIT = 1_000


def listing(
    connection: Connection,
    catalogue: Catalogue,
    department: str | None = None,
    states: Iterable[str] = (OPEN,),
    after: int = 0,
    limit: int = LIMIT,
) -> list[dict[str, Any]]:
    """Refusals by number: {id, consumer, dataset, view, seq, key, department, code, reason, state,
    refused_at, answer, answered_by, answered_at, settled_at, settled_seq}.

    `department` is the one that answers today, whatever it was called when it delivered.
    """
    query = (
        select(
            refusal, consumer.c.name.label("consumer"), dataset.c.name.label("dataset"),
            exchange_view.c.name.label("view"),
            func.coalesce(refusal.c.record_id, revision.c.key).label("key"),
        )
        .join(consumer, consumer.c.id == refusal.c.consumer_id)
        .join(dataset, dataset.c.id == refusal.c.dataset_id)
        .join(exchange_view, exchange_view.c.id == refusal.c.view_id, isouter=True)
        .join(revision, _own(), isouter=True)
        .where(refusal.c.id > after, refusal.c.state.in_(tuple(states)))
        .order_by(refusal.c.id)
        .limit(limit)
    )  # fmt: skip
    if department is not None:
        query = query.where(_of(connection, catalogue, department))
    return [_told(row, catalogue) for row in connection.execute(query).mappings()]


def counts(
    connection: Connection, catalogue: Catalogue, department: str | None = None
) -> dict[str, int]:
    """state → how many refusals."""
    query = select(refusal.c.state, func.count()).group_by(refusal.c.state)
    if department is not None:
        query = query.where(_of(connection, catalogue, department))
    found = {state: int(number) for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in REFUSALS}


def open_by_consumer(connection: Connection) -> dict[tuple[int, int], int]:
    """(consumer, view) → how many refusals nobody has answered."""
    waiting = func.sum(case((refusal.c.state == OPEN, 1), else_=0))
    query = select(refusal.c.consumer_id, refusal.c.view_id, waiting)
    rows = connection.execute(query.group_by(refusal.c.consumer_id, refusal.c.view_id))
    return {(who, view): int(number) for who, view, number in rows}


def answer(
    connection: Connection, catalogue: Catalogue, number: int, actor: str, reason: str
) -> dict[str, Any]:
    """Say why the record stays as it is; the consumer reads it. A later answer replaces it.

    Raises Misdeclared (refusal_unknown, answer_empty), Refused (refusal_settled; role_missing where
    the actor doesn't handle such things for the department).
    """
    if not reason.strip():
        raise Misdeclared(Issue("answer_empty"))
    found = listing(connection, catalogue, None, REFUSALS, number - 1, 1)
    if not found or found[0]["id"] != number:
        raise Misdeclared(Issue("refusal_unknown", value=str(number)))
    people.check(connection, actor, HANDLER, found[0]["department"])
    values = {
        "state": ANSWERED, "answer": reason.strip(), "answered_by": actor,
        "answered_at": utc_now(),
    }  # fmt: skip
    mine = (refusal.c.id == number) & (refusal.c.state != SETTLED)
    if not connection.execute(update(refusal).where(mine).values(values)).rowcount:
        raise Refused(Issue("refusal_settled", value=str(number)))
    return {**found[0], **values}


def _own() -> ColumnElement[bool]:
    """A refusal's revision; the public stream has numbers of its own, and no revision is looked for."""
    same = (revision.c.dataset_id == refusal.c.dataset_id) & (revision.c.seq == refusal.c.seq)
    return same & (exchange_view.c.audience != "public")


def _of(connection: Connection, catalogue: Catalogue, department: str) -> ColumnElement[bool]:
    answering = Answering(today())
    code = answering.code(department)
    known = catalogue.datasets()
    rows = connection.execute(select(dataset.c.id, dataset.c.name)).all()
    mine = [
        (refusal.c.dataset_id == number)
        & answering.is_of(refusal.c.department, code, catalogue.get(name).department)
        for number, name in rows
        if name in known
    ]
    return or_(false(), *mine)


def _told(row: Any, catalogue: Catalogue) -> dict[str, Any]:
    names = (
        "id", "consumer", "consumer_id", "dataset", "view", "seq", "key", "department", "code",
        "reason", "state", "refused_at", "answer", "answered_by", "answered_at", "settled_at",
        "settled_seq",
    )  # fmt: skip
    told = {name: row[name] for name in names}
    name = told["dataset"]
    owner = catalogue.get(name).department if name in catalogue.datasets() else ""
    told["department"] = Answering(today()).code(told["department"] or owner)
    return told
