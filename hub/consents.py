"""Consent of third parties: what may be their secret isn't published before they were asked.

A record that waits for review or approval is put on hold, and nobody reviews or approves it until
the party agreed, or an approver of the department decided: to publish nevertheless, because not
publishing would harm the public interest gravely, or not to publish. A party that hasn't answered
after 15 working days leaves it to the department (政府信息公开条例 arts. 15 and 32).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, or_, select, update

from exchange_schemas import clocks
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people, showing
from hub.database import write
from hub.decisions import Decision, Reason, decide
from hub.instant import utc_now
from hub.review import Desk
from hub.states import APPROVER, PENDING, REVIEWED, REVIEWER
from hub.tables import dataset
from hub.tables_of_filings import (
    AGREED,
    CONSENT_ANSWERS,
    DISAGREED,
    PUBLISH,
    REJECT,
    SILENT,
    consent,
)
from hub.tables_of_review import disclosure

WAITING = (PENDING, REVIEWED)
BASIS = "政府信息公开条例 第十五条、第三十二条"
PREFIX = "consent:"  # of a disclosure's hold

_MINE = (disclosure.c.dataset_id == consent.c.dataset_id) & (
    disclosure.c.record_id == consent.c.record_id
)
_SETTLED = or_(func.coalesce(consent.c.answer, "") == AGREED, consent.c.decision.is_not(None))


def ask(desk: Desk, record_id: str, party: str) -> int:
    """Note that a third party was asked today, and hold the record; returns the consent's id.

    Raises Refused (record_unknown, state_wrong, role_missing, calendar_over), Misdeclared
    (law_unruled).
    """
    name, day = desk.standard.dataset, today()
    with write(desk.engine) as connection:
        row = showing.find(connection, name, record_id)
        people.check(connection, desk.actor, REVIEWER, row["department"])
        if row["state"] not in WAITING:
            words = {"state": row["state"], "expected": ", ".join(WAITING), "act": "held"}
            raise Refused(Issue("state_wrong", value=record_id, params=words))
        due, rule = clocks.due(desk.catalogue.law(), "consent_by", name, day)
        values = {"dataset_id": row["dataset_id"], "record_id": record_id, "party": party}
        values |= {"asked_by": desk.actor, "asked_at": utc_now(), "asked_on": day.isoformat()}
        values |= {"due": due.isoformat(), "due_rule": rule}
        made = insert(consent).values(values).returning(consent.c.id)
        number = int(connection.scalar(made) or 0)
        _hold(connection, row["dataset_id"], record_id)
    return number


def answer(desk: Desk, number: int, said: str, why: str | None = None) -> None:
    """Note what the party said: agreed lifts the hold, refused leaves it, none (only after its last
    day) too: then the department decides.

    Raises Misdeclared (consent_unknown, consent_answer_unknown), Refused (role_missing,
    consent_closed, consent_early).
    """
    if said not in CONSENT_ANSWERS:
        words = {"known": ", ".join(CONSENT_ANSWERS)}
        raise Misdeclared(Issue("consent_answer_unknown", value=said, params=words))
    with write(desk.engine) as connection:
        row = _find(connection, desk, number)
        people.check(connection, desk.actor, REVIEWER, row["department"])
        # An answer after the last day still counts, as long as the department hasn't decided.
        if row["answer"] in (AGREED, DISAGREED) or row["decision"] is not None:
            raise Refused(Issue("consent_closed", value=str(number)))
        if said == SILENT and today().isoformat() <= row["due"]:
            raise Refused(Issue("consent_early", value=str(number), params={"due": row["due"]}))
        values = {"answer": said, "answered_at": utc_now(), "noted_by": desk.actor, "why": why}
        _change(connection, number, values)
        _hold(connection, row["dataset_id"], row["record_id"])


def decide_consent(desk: Desk, number: int, decision: str, reason: str) -> None:
    """An approver decides where the party didn't agree: publish (nevertheless, in the public
    interest, for the stated reason) lifts the hold, reject refuses to publish the record.

    Whoever asked doesn't decide. Raises Misdeclared (consent_unknown, consent_decision_unknown),
    Refused: role_missing, same_person, consent_closed, consent_open (there is no answer yet),
    reason_missing, state_wrong.
    """
    if decision not in (PUBLISH, REJECT):
        words = {"known": f"{PUBLISH}, {REJECT}"}
        raise Misdeclared(Issue("consent_decision_unknown", value=decision, params=words))
    if not reason.strip():
        raise Refused(Issue("reason_missing", value=decision))
    with write(desk.engine) as connection:
        row = _find(connection, desk, number)
        people.check(connection, desk.actor, APPROVER, row["department"])
        _check_decidable(row, desk.actor)
        values = {"decision": decision, "decided_by": desk.actor, "decided_at": utc_now()}
        _change(connection, number, {**values, "reason": reason, "legal_basis": BASIS})
        if decision == REJECT:
            why = Reason("third_party", reason)
            made = Decision(row["dataset_id"], "reject", desk.rule, desk.actor, why)
            mine = disclosure.c.record_id == row["record_id"]
            if not decide(connection, made, mine, {"why": why.code}):
                words = {"state": row["state"], "expected": ", ".join(WAITING), "act": "rejected"}
                raise Refused(Issue("state_wrong", value=row["record_id"], params=words))
        _hold(connection, row["dataset_id"], row["record_id"])


def _check_decidable(row: RowMapping, actor: str) -> None:
    number = str(row["id"])
    if row["decision"] is not None or row["answer"] == AGREED:
        raise Refused(Issue("consent_closed", value=number))
    if row["answer"] is None:
        raise Refused(Issue("consent_open", value=number, params={"due": row["due"]}))
    if actor == row["asked_by"]:
        raise Refused(Issue("same_person", value=actor))


def listing(
    connection: Connection, name: str | None = None, *, closed: bool = False
) -> list[dict[str, Any]]:
    """The consents that are open, or all, most urgent first: {id, dataset, record_id, department,
    asked_on, due, due_rule, answer, decision, overdue}. Whom they are of is told by `show`."""
    columns = ("id", "record_id", "asked_on", "due", "due_rule", "answer", "decision")
    query = _known(
        consent.c.id, *(consent.c[column] for column in columns[1:]), disclosure.c.department
    )
    if name:
        query = query.where(dataset.c.name == name)
    if not closed:
        query = query.where(~_SETTLED)
    day = today().isoformat()
    rows = connection.execute(query.order_by(consent.c.due, consent.c.id)).mappings()
    return [{**row, "overdue": row["answer"] is None and row["due"] < day} for row in rows]


def show(connection: Connection, desk: Desk, number: int) -> dict[str, Any]:
    """All of a consent, for who reviews or approves there; raises Misdeclared (consent_unknown),
    Refused (role_missing)."""
    row = _find(connection, desk, number)
    if row["department"] not in people.departments_of(connection, desk.actor, APPROVER):
        people.check(connection, desk.actor, REVIEWER, row["department"])
    return {name: value for name, value in row.items() if name not in ("dataset_id", "state")}


def _known(*columns: ColumnElement[Any]) -> Any:
    return (
        select(*columns, dataset.c.name.label("dataset"))
        .select_from(consent)
        .join(dataset, dataset.c.id == consent.c.dataset_id)
        .join(disclosure, _MINE)
    )


def _find(connection: Connection, desk: Desk, number: int) -> RowMapping:
    query = _known(*consent.c, disclosure.c.department, disclosure.c.state, disclosure.c.hold)
    query = query.where(consent.c.id == number, dataset.c.name == desk.standard.dataset)
    row: RowMapping | None = (
        connection.execute(query.with_for_update(of=consent)).mappings().one_or_none()
    )
    if row is None:
        raise Misdeclared(Issue("consent_unknown", value=str(number)))
    return row


def _change(connection: Connection, number: int, values: dict[str, Any]) -> None:
    connection.execute(update(consent).where(consent.c.id == number).values(values))


def _hold(connection: Connection, number: int, record_id: str) -> None:
    """Let the record wait for the first of its consents that is open; for none, lift the hold."""
    first = select(func.min(consent.c.id)).where(
        consent.c.dataset_id == number, consent.c.record_id == record_id, ~_SETTLED
    )
    waits = connection.scalar(first)
    mine = (disclosure.c.dataset_id == number) & (disclosure.c.record_id == record_id)
    values = {"hold": None if waits is None else f"{PREFIX}{waits}"}
    connection.execute(update(disclosure).where(mine).values(values))
