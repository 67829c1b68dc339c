"""What people decide on subjects: two are the same, two differ, and a decision counts no more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.instant import utc_now
from hub.states import REVIEWER
from hub.subjects.joining import Decision
from hub.subjects.nodes import PER
from hub.subjects.tables import DIFFER, SAME, subject_decision, subject_undoing

#: Whose reviewers decide: the register's owner.
DEPARTMENT = "market_regulation"


@dataclass(frozen=True, slots=True)
class Told:
    """A decision as it is shown; `undone_*` are None while it counts."""

    number: int
    act: str
    one: str
    other: str
    evidence: dict[str, Any]
    why: str
    decided_by: str
    decided_at: str
    undone_by: str | None
    undone_at: str | None
    undone_why: str | None


def decide(
    connection: Connection,
    act: str,
    pair: tuple[str, str],
    who: str,
    why: str,
    evidence: dict[str, Any] | None = None,
) -> int:
    """Say that two nodes are one subject (SAME) or aren't (DIFFER), in the caller's write transaction;
    returns the decision's number.

    Raises Misdeclared (subject_with_itself, subject_why_missing), Refused (role_missing; subject_decided
    where the last word on the pair is the same; subject_kept_apart where others decided that what would
    become one subject differs; subject_person: records of natural persons are brought together by nobody).
    """
    one, other = sorted(pair)
    if one == other:
        raise Misdeclared(Issue("subject_with_itself", value=one))
    if act == SAME and (one.startswith(PER) or other.startswith(PER)):
        raise Refused(Issue("subject_person", value=f"{one} – {other}"))
    _check(connection, who, why)
    known = living(connection)
    mine = [told for told in known if told.pair == (one, other)]
    if mine and max(mine, key=lambda told: told.number).act == act:
        raise Refused(Issue("subject_decided", value=f"{one} – {other}"))
    if act == SAME:
        _refuse_contradiction(known, one, other)
    row = {
        "act": act, "one": one, "other": other, "why": why.strip(), "decided_by": who,
        "evidence": json.dumps(evidence or {}, ensure_ascii=False), "decided_at": utc_now(),
    }  # fmt: skip
    made = connection.scalar(insert(subject_decision).values(row).returning(subject_decision.c.id))
    return int(made or 0)


def _refuse_contradiction(known: list[Decision], one: str, other: str) -> None:
    """Raises Refused (subject_kept_apart) where people put apart what is to come together."""
    together: dict[str, set[str]] = {}
    known = list({told.pair: told for told in known}.values())  # the last word on each
    for told in known:
        if told.act == SAME:
            group = together.get(told.one, {told.one}) | together.get(told.other, {told.other})
            together |= dict.fromkeys(group, group)
    left, right = together.get(one, {one}), together.get(other, {other})
    for told in known:
        across = {told.one, told.other}
        if told.act == DIFFER and told.pair != (one, other) and across & left and across & right:
            words = {"number": str(told.number), "one": told.one, "other": told.other}
            raise Refused(Issue("subject_kept_apart", value=f"{one} – {other}", params=words))


def undo(connection: Connection, number: int, who: str, why: str) -> Told:
    """Let a decision count no more; everything is then as if it had never been made. Returns it.

    Raises Misdeclared (subject_decision_unknown, subject_why_missing), Refused (role_missing,
    subject_undone).
    """
    _check(connection, who, why)
    found = [told for told in history(connection) if told.number == number]
    if not found:
        raise Misdeclared(Issue("subject_decision_unknown", value=str(number)))
    if found[0].undone_at is not None:
        raise Refused(Issue("subject_undone", value=str(number)))
    row = {
        "decision_id": number,
        "why": why.strip(),
        "decided_by": who,
        "decided_at": utc_now(),
    }
    connection.execute(insert(subject_undoing).values(row))
    return found[0]


def _check(connection: Connection, who: str, why: str) -> None:
    people.check(connection, who, REVIEWER, DEPARTMENT)
    if not why.strip():
        raise Misdeclared(Issue("subject_why_missing"))


def living(connection: Connection) -> list[Decision]:
    """The decisions that count, oldest first."""
    undone = select(subject_undoing.c.decision_id)
    query = select(subject_decision).where(subject_decision.c.id.not_in(undone))
    rows = connection.execute(query.order_by(subject_decision.c.id))
    return [Decision(row.id, row.act, row.one, row.other) for row in rows]


def history(connection: Connection, *nodes: str) -> list[Told]:
    """All decisions, or those that name one of the nodes, newest first, also those that were undone."""
    query = _told()
    if nodes:
        named = subject_decision.c.one.in_(nodes) | subject_decision.c.other.in_(nodes)
        query = query.where(named)
    rows = connection.execute(query.order_by(subject_decision.c.id.desc())).mappings()
    return [Told(**{**dict(row), "evidence": json.loads(row["evidence"])}) for row in rows]


def _told() -> Select[Any]:
    names = ("act", "one", "other", "evidence", "why", "decided_by", "decided_at")
    return select(
        subject_decision.c.id.label("number"),
        *(subject_decision.c[name] for name in names),
        subject_undoing.c.decided_by.label("undone_by"),
        subject_undoing.c.decided_at.label("undone_at"),
        subject_undoing.c.why.label("undone_why"),
    ).select_from(subject_decision.outerjoin(subject_undoing))
