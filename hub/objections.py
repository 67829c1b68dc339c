"""Objections and corrections: a party says that a public record is wrong.

Who handles them for the record's department takes each in hand; where the law lets it be said, the
record shows 异议处理中 from the next release on (市场监督管理行政处罚信息公示规定 art. 12). The answer
ends that, or an approver takes the record back.
"""

from __future__ import annotations

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.answers import Texts, check_texts
from hub.database import write
from hub.filings import (
    change,
    check_state,
    find,
    move_record,
    others_open,
    publish_soon,
    reason_of,
)
from hub.instant import utc_now
from hub.review import Desk
from hub.states import APPROVER, HANDLER
from hub.tables_of_filings import (
    ANSWERED,
    CORRECTION,
    FILING_REFUSED,
    GRANTED,
    IN_HANDLING,
    KINDS,
    OBJECTION,
    RECEIVED,
)

ABOUT = (CORRECTION, OBJECTION)
#: outcome → the filing's state, what happens to the record, why, and whose act it is.
ENDS = {
    "refused": (FILING_REFUSED, "uphold", "objection_refused", HANDLER),
    "corrected": (ANSWERED, "uphold", "objection_corrected", HANDLER),
    "correction": (ANSWERED, None, "objection_corrected", HANDLER),
    "withdrawn": (GRANTED, "withdraw", "objection_granted", APPROVER),
}


def accept(desk: Desk, number: str) -> int | None:
    """Take a filing of any kind in hand; returns the job that publishes the mark, if there is one.

    Raises Misdeclared (filing_unknown), Refused (filing_state, role_missing).
    """
    with write(desk.engine) as connection:
        row = find(connection, number)
        check_state(row, (RECEIVED,), KINDS)
        people.check(connection, desk.actor, HANDLER, row["department"])
        values = {"state": IN_HANDLING, "handler": desk.actor, "accepted_at": utc_now()}
        change(connection, row, values)
        if row["kind"] not in ABOUT or not desk.catalogue.law().settings.objection_mark:
            return None
        reason = reason_of(row, "objection_filed")
        moved = move_record(connection, row, "object", desk.actor, reason)
        return publish_soon(connection, row) if moved else None


def answer(desk: Desk, number: str, outcome: str, texts: Texts) -> int | None:
    """Answer an objection or a correction; returns the job that publishes what follows.

    `outcome`: refused (the record is right), corrected (dealt with), correction (the department
    sends the corrected record, which comes as a new revision; until then the mark stays, and the
    filing may be answered once more), withdrawn (the record is taken back, by an approver).
    Raises Misdeclared (filing_unknown, outcome_unknown), Refused (filing_state, filing_kind_wrong,
    role_missing, answer_missing, answer_private, state_wrong).
    """
    if outcome not in ENDS:
        words = {"known": ", ".join(ENDS)}
        raise Misdeclared(Issue("outcome_unknown", value=outcome, params=words))
    state, act, code, role = ENDS[outcome]
    with write(desk.engine) as connection:
        row = find(connection, number)
        promised = row["outcome"] == "correction" and outcome != "correction"
        check_state(row, (IN_HANDLING, *((ANSWERED,) if promised else ())), ABOUT)
        people.check(connection, desk.actor, role, row["department"])
        check_texts(row, texts)
        reason = reason_of(row, code)
        values = {"state": state, "outcome": outcome, "decided_by": desk.actor}
        values |= {"decided_at": utc_now(), "answered_on": today().isoformat()}
        values |= {"reason_code": code, "legal_basis": reason.legal_basis}
        change(connection, row, {**values, "answer_zh": texts.zh, "answer_en": texts.en})
        if act is None or (act == "uphold" and others_open(connection, row)):
            return None  # the mark stays as long as one of several is open
        moved = move_record(connection, row, act, desk.actor, reason)
        if act == "withdraw" and not moved:
            words = {"state": row["record_state"], "expected": "published", "act": act}
            raise Refused(Issue("state_wrong", value=row["record_id"], params=words))
        return publish_soon(connection, row) if moved else None
