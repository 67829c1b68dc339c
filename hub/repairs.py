"""Credit repair: a party asks that a public record of it ends before its term.

The handler of the record's department confirms what only a person can, and another person approves
it, once every condition is met. The publication ends at once and everywhere: the next release is
without the record, and every consumer that holds it is told (`holders`).
"""

from __future__ import annotations

from typing import Any

import orjson

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.analysis.asking import ask_for
from hub.answers import Texts, check_texts
from hub.database import write
from hub.filings import (
    change,
    check_staff,
    check_state,
    find,
    move_record,
    publish_soon,
    reason_of,
)
from hub.instant import utc_now
from hub.repair_check import CONFIRMABLE, MEASURES, ORDER_45, Condition, check_repair
from hub.review import Desk
from hub.states import APPROVER, HANDLER
from hub.tables_of_filings import FILING_REFUSED, GRANTED, IN_HANDLING, REPAIR


def conditions(desk: Desk, number: str) -> list[Condition]:
    """The conditions on an application as they are now, for who handles or approves it.

    Raises Misdeclared (filing_unknown), Refused (filing_kind_wrong, role_missing).
    """
    with desk.engine.connect() as connection:
        row = find(connection, number)
        check_state(row, (row["state"],), (REPAIR,))
        check_staff(connection, desk.actor, row["department"])
        return check_repair(connection, desk.catalogue, desk.standard, row, today())


def confirm(desk: Desk, number: str, condition: str, *, met: bool, why: str | None = None) -> None:
    """The handler says whether a condition is met that nothing else can tell.

    Raises Misdeclared (filing_unknown, condition_unknown), Refused (filing_state,
    filing_kind_wrong, role_missing, repair_condition where it is known already).
    """
    if condition not in CONFIRMABLE:
        words = {"known": ", ".join(CONFIRMABLE)}
        raise Misdeclared(Issue("condition_unknown", value=condition, params=words))
    with write(desk.engine) as connection:
        row = find(connection, number)
        check_state(row, (IN_HANDLING,), (REPAIR,))
        people.check(connection, desk.actor, HANDLER, row["department"])
        findings = orjson.loads(row["findings"])
        found = check_repair(connection, desk.catalogue, desk.standard, row, today())
        (one,) = (c for c in found if c.condition == condition)
        if one.met is not None and condition not in findings:
            raise Refused(_unmet(one))
        findings[condition] = {"met": met, "why": why, "by": desk.actor}
        change(connection, row, {"findings": orjson.dumps(findings).decode()})


def decide_repair(desk: Desk, number: str, *, grant: bool, texts: Texts) -> int | None:
    """Grant or refuse an application; returns the job that publishes the dataset without the record.

    Raises Misdeclared (filing_unknown), Refused: filing_state, filing_kind_wrong, role_missing,
    same_person (the handler), repair_condition (one that isn't met), state_wrong (the record isn't
    public), answer_missing, answer_private.
    """
    with write(desk.engine) as connection:
        row = find(connection, number)
        check_state(row, (IN_HANDLING,), (REPAIR,))
        people.check(connection, desk.actor, APPROVER, row["department"])
        if desk.actor == row["handler"]:
            raise Refused(Issue("same_person", value=desk.actor))
        check_texts(row, texts)
        if not grant:
            values = {
                "state": FILING_REFUSED,
                "outcome": "refused",
                "reason_code": "repair_refused",
            }
            values |= {"legal_basis": f"{ORDER_45}；{MEASURES}"}
            change(connection, row, {**values, **_said(desk, texts)})
            return None
        for one in check_repair(connection, desk.catalogue, desk.standard, row, today()):
            if one.met is not True:
                raise Refused(_unmet(one))
        reason = reason_of(row, "repair_granted")
        if not move_record(connection, row, "repair", desk.actor, reason):
            words = {"state": row["record_state"], "expected": "published", "act": "repair"}
            raise Refused(Issue("state_wrong", value=row["record_id"], params=words))
        values = {"state": GRANTED, "outcome": "repaired", "reason_code": reason.code}
        values |= {"legal_basis": reason.legal_basis}
        change(connection, row, {**values, **_said(desk, texts)})
        ask_for(connection, "credit")  # it counts no more from this day on
        return publish_soon(connection, row)


def _said(desk: Desk, texts: Texts) -> dict[str, Any]:
    day = {"decided_at": utc_now(), "answered_on": today().isoformat()}
    return {"decided_by": desk.actor, **day, "answer_zh": texts.zh, "answer_en": texts.en}


def _unmet(one: Condition) -> Issue:
    words = {"reason": one.why.message("en"), "reason_zh": one.why.message("zh_CN")}
    return Issue("repair_condition", value=one.condition, params=words)
