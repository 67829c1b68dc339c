"""Filings as the staff handle them: which there are, whose turn it is, and until when.

What a party says of itself is shown to those who handle or decide its filing, and to nobody else.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    RowMapping,
    Select,
    and_,
    or_,
    select,
    update,
)

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import jobs, people
from hub.decisions import Decision, Reason, decide
from hub.review import Desk
from hub.states import APPROVER, HANDLER, OBJECTED
from hub.tables import dataset
from hub.tables_of_filings import IN_HANDLING, OPEN, REPAIR, filing
from hub.tables_of_review import decision, disclosure, move

#: What a list shows of a filing: nothing personal.
LISTED = (
    "number", "kind", "record_id", "state", "filed_on", "due", "due_rule", "handler", "outcome",
    "answered_on",
)  # fmt: skip
_MINE = and_(
    disclosure.c.dataset_id == filing.c.dataset_id, disclosure.c.record_id == filing.c.record_id
)


def _known(*columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            *columns,
            dataset.c.name.label("dataset"),
            disclosure.c.department,
            disclosure.c.state.label("record_state"),
        )
        .select_from(filing)
        .join(dataset, dataset.c.id == filing.c.dataset_id)
        .join(disclosure, _MINE)
    )


def listing(
    connection: Connection, name: str | None = None, *, closed: bool = False
) -> list[dict[str, Any]]:
    """`LISTED` of the open filings, or of all, most urgent first, with dataset, department,
    record_state, and whether each is overdue today."""
    query = _known(*(filing.c[column] for column in LISTED))
    if name:
        query = query.where(dataset.c.name == name)
    if not closed:
        query = query.where(filing.c.state.in_(OPEN))
    order = (filing.c.due.is_(None), filing.c.due, filing.c.number)
    day = today()
    rows = connection.execute(query.order_by(*order)).mappings()
    return [{**row, "overdue": _is_overdue(row, day)} for row in rows]


def overdue(connection: Connection, day: date) -> list[dict[str, Any]]:
    """The open filings whose last day was before `day`, as `listing` gives them."""
    return [row for row in listing(connection) if _is_overdue(row, day)]


def _is_overdue(row: Any, day: date) -> bool:
    late = row["state"] in OPEN and row["due"] is not None and row["due"] < day.isoformat()
    return bool(late)


def find(connection: Connection, number: str) -> RowMapping:
    """A filing's row with dataset, department and record_state; nobody else changes it until the
    transaction ends. Raises Misdeclared (filing_unknown)."""
    query = _known(*filing.c).where(filing.c.number == number).with_for_update(of=filing)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Misdeclared(Issue("filing_unknown", value=number))
    return row


def show(connection: Connection, number: str, actor: str) -> dict[str, Any]:
    """All of a filing, for who handles or approves in the record's department.

    Raises Misdeclared (filing_unknown), Refused (role_missing).
    """
    row = find(connection, number)
    check_staff(connection, actor, row["department"])
    left = ("id", "dataset_id", "content_sha256", "told")
    shown: dict[str, Any] = {name: value for name, value in row.items() if name not in left}
    shown |= {name: orjson.loads(row[name]) for name in ("evidence", "findings")}
    return {**shown, "overdue": _is_overdue(row, today())}


def check_staff(connection: Connection, actor: str, department: str) -> None:
    """Raises Refused (role_missing) where somebody neither handles nor approves there."""
    if department not in people.departments_of(connection, actor, APPROVER):
        people.check(connection, actor, HANDLER, department)


def desk_of(engine: Engine, catalogue: Catalogue, number: str, actor: str) -> Desk:
    """Where somebody decides on a filing's record; raises Misdeclared (filing_unknown)."""
    with engine.connect() as connection:
        name = find(connection, number)["dataset"]
    return Desk(engine, catalogue, catalogue.get(name), actor)


def check_state(row: RowMapping, states: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    """Raises Refused (filing_state, filing_kind_wrong) where that isn't possible with a filing."""
    if row["kind"] not in kinds:
        words = {"kind": row["kind"], "expected": ", ".join(kinds)}
        raise Refused(Issue("filing_kind_wrong", value=row["number"], params=words))
    if row["state"] not in states:
        words = {"state": row["state"], "expected": ", ".join(states)}
        raise Refused(Issue("filing_state", value=row["number"], params=words))


def change(connection: Connection, row: RowMapping, values: dict[str, Any]) -> None:
    """Write columns of a filing; its party is told anew."""
    mine = filing.c.id == row["id"]
    connection.execute(update(filing).where(mine).values(**values, told=0))


def move_record(
    connection: Connection, row: RowMapping, act: str, actor: str, reason: Reason
) -> int:
    """Do an act of `states.ACTS` to the filing's record; returns whether it moved (0 or 1)."""
    mine = disclosure.c.record_id == row["record_id"]
    more = (("department", row["department"]),)
    made = Decision(row["dataset_id"], act, row["due_rule"] or "-", actor, reason, more)
    return decide(connection, made, mine, {"why": reason.code} if act == "withdraw" else None)


def reason_of(row: RowMapping, code: str) -> Reason:
    """Why a record moves: because of this filing. Its number is its party's secret."""
    return Reason(code, f"filing {row['id']}")


def publish_soon(connection: Connection, row: RowMapping) -> int:
    """A job that publishes the filing's dataset, kept together with the decision: whoever dies
    between the two, a worker does it."""
    return jobs.submit(connection, "publish", {"datasets": [row["dataset"]]})


def others_open(connection: Connection, row: RowMapping) -> bool:
    """Whether another objection or correction of the record still needs its mark: it is being
    handled, or the corrected record that was promised hasn't come since."""
    came = (
        select(move.c.id)
        .join(decision, decision.c.id == move.c.decision_id)
        .where(
            move.c.dataset_id == filing.c.dataset_id,
            move.c.record_id == filing.c.record_id,
            move.c.state_before == OBJECTED,
            decision.c.decided_at > filing.c.decided_at,
        )
    )
    query = select(filing.c.id).where(
        filing.c.dataset_id == row["dataset_id"],
        filing.c.record_id == row["record_id"],
        filing.c.id != row["id"],
        filing.c.kind != REPAIR,
        or_(
            filing.c.state == IN_HANDLING,
            (filing.c.outcome == "correction") & ~came.exists(),
        ),
    )
    return connection.execute(query.limit(1)).first() is not None
