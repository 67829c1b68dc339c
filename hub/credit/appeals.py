"""Appeals against what counts: taken in by one person, decided by another, and undoable.

A decision is reflected by the next computing, which is asked for at once. Nothing is deleted: every step stays,
with who did it, when and why.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import Connection, RowMapping, insert, select, update

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.working_calendar import WorkingCalendar
from hub import people
from hub.analysis.asking import ask_for
from hub.credit.people import OFFICE
from hub.credit.tables import (
    APPEAL_ACTS,
    EXCLUDED,
    OPEN,
    TAKE,
    credit_appeal,
    credit_appeal_step,
)
from hub.credit.versions import in_force
from hub.credit.words import check_text
from hub.instant import utc_now
from hub.states import APPROVER, HANDLER

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Claim:
    """Who appeals against which contribution, what they say is wrong, and what they showed for it."""

    subject: str
    dataset: str
    key: str
    indicator: str
    claimant: str
    disputed: str
    evidence: str


def take(connection: Connection, calendar: WorkingCalendar, one: Claim, person: str) -> int:
    """Take an appeal in today; returns its number. That the contribution counts is the caller's to check.

    Raises Misdeclared (credit_appeal_words), Refused (role_missing, calendar_over).
    """
    people.check(connection, person, HANDLER, OFFICE)
    day = today()
    row: dict[str, Any] = {
        "subject": one.subject,
        "dataset": one.dataset,
        "key": one.key,
        "indicator": one.indicator,
        "claimant": check_text("claimant", one.claimant, LONGEST_NAME),
        "disputed": check_text("disputed", one.disputed),
        "evidence": check_text("evidence", one.evidence),
        "received_on": day.isoformat(),
        "state": OPEN,
        "step": 1,
        **_due(connection, calendar, day),
    }
    made = insert(credit_appeal).values(row).returning(credit_appeal.c.id)
    number = int(connection.scalar(made) or 0)
    _step(connection, number, 1, TAKE, None, OPEN, person, row["disputed"])
    return number


def decide(
    connection: Connection,
    calendar: WorkingCalendar,
    number: int,
    act: str,
    person: str,
    reason: str,
    until: date | None = None,
) -> dict[str, Any]:
    """Do one of `APPEAL_ACTS`: uphold the record, exclude it (`until` a day, None: for good), have it corrected at
    its source, or undo a decision. Returns {id, state}.

    Raises Misdeclared (credit_appeal_unknown, credit_appeal_words, credit_appeal_until), Refused (role_missing,
    same_person, credit_appeal_state).
    """
    people.check(connection, person, APPROVER, OFFICE)
    row = find(connection, number)
    _check_act(connection, row, act, person)
    told, day = check_text("reason", reason), today()
    if until is not None and (act != "exclude" or until <= day):
        raise Misdeclared(Issue("credit_appeal_until", value=str(until)))
    after, step = APPEAL_ACTS[act][1], row["step"] + 1
    _step(connection, number, step, act, row["state"], after, person, told, until)
    excluded = after == EXCLUDED
    values = {
        "state": after,
        "step": step,
        "excluded_from": day.isoformat() if excluded else None,
        "excluded_until": until.isoformat() if excluded and until else None,
        **(_due(connection, calendar, day) if act == "undo" else {}),
    }
    connection.execute(update(credit_appeal).where(credit_appeal.c.id == number).values(values))
    ask_for(connection, "credit")
    return {"id": number, "state": after}


def _check_act(connection: Connection, row: RowMapping, act: str, person: str) -> None:
    sources = APPEAL_ACTS[act][0]
    if row["state"] not in sources:
        words = {"state": row["state"], "expected": ", ".join(sources), "act": act}
        raise Refused(Issue("credit_appeal_state", value=str(row["id"]), params=words))
    first = (credit_appeal_step.c.appeal_id == row["id"]) & (credit_appeal_step.c.number == 1)
    taker = connection.scalar(select(credit_appeal_step.c.actor).where(first))
    if taker == person:
        raise Refused(Issue("same_person", value=person))


def _due(connection: Connection, calendar: WorkingCalendar, day: date) -> dict[str, str]:
    rules = in_force(connection, day)
    last = calendar.add(pl.Series([day], dtype=pl.Date), rules.appeal_days)[0]
    if last is None:
        words = {"day": day.isoformat(), "last": calendar.last.isoformat()}
        raise Refused(Issue("calendar_over", value="credit-appeal", params=words))
    return {"due_on": last.isoformat(), "due_basis": rules.appeal_basis}


def _step(
    connection: Connection,
    appeal: int,
    number: int,
    act: str,
    before: str | None,
    after: str,
    person: str,
    reason: str,
    until: date | None = None,
) -> None:
    row = {
        "appeal_id": appeal,
        "number": number,
        "act": act,
        "state_before": before,
        "state": after,
        "actor": person,
        "at": utc_now(),
        "reason": reason,
        "until": until and until.isoformat(),
    }
    connection.execute(insert(credit_appeal_step).values(row))


def find(connection: Connection, number: int) -> RowMapping:
    """An appeal's row, held until the transaction ends; raises Misdeclared (credit_appeal_unknown)."""
    query = select(credit_appeal).where(credit_appeal.c.id == number).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Misdeclared(Issue("credit_appeal_unknown", value=str(number)))
    return row


def about(connection: Connection, subject: str, records: Collection[tuple[str, str]]) -> list[int]:
    """The appeals of a subject, and those against its `records` (dataset, key) from when it had another id."""
    query = select(*(credit_appeal.c[name] for name in ("id", "subject", "dataset", "key")))
    return [
        int(row.id)
        for row in connection.execute(query)
        if row.subject == subject or (row.dataset, row.key) in records
    ]


def listing(
    connection: Connection, state: str | None = None, numbers: Collection[int] | None = None
) -> list[dict[str, Any]]:
    """Appeals, those that are due first; `late` says whether the day is over."""
    query = select(credit_appeal).order_by(
        credit_appeal.c.state != OPEN, credit_appeal.c.due_on, credit_appeal.c.id
    )
    if state:
        query = query.where(credit_appeal.c.state == state)
    if numbers is not None:
        query = query.where(credit_appeal.c.id.in_(numbers))
    day = today().isoformat()
    return [
        {**row, "late": row["state"] == OPEN and row["due_on"] < day}
        for row in connection.execute(query).mappings()
    ]


def steps(connection: Connection, number: int) -> list[dict[str, Any]]:
    """What was done about an appeal, in order."""
    query = select(credit_appeal_step).where(credit_appeal_step.c.appeal_id == number)
    rows = connection.execute(query.order_by(credit_appeal_step.c.number)).mappings()
    return [{**row} for row in rows]
