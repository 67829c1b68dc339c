"""Whether disclosures are what their history says: the same state, and approved by who is named.

The triggers keep it so (`state_guard`); whoever has the database in hand could take them away.
"""

from __future__ import annotations

from sqlalchemy import Connection, Select, and_, func, or_, select

from exchange_schemas.issue import Issue
from hub.states import APPROVED, SHOWABLE
from hub.tables import dataset
from hub.tables_of_review import decision, disclosure, move


def check_disclosures(connection: Connection, name: str) -> list[Issue]:
    """disclosure_wrong for the first disclosure whose state isn't that of its last move, and
    approval_wrong for the first that may be shown without the approval that it names."""
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == name))
    checks = {"disclosure_wrong": _unmoved(number), "approval_wrong": _unapproved(number)}
    found = {code: connection.scalar(query) for code, query in checks.items()}
    return [
        Issue(code, value=str(record), params={"dataset": name})
        for code, record in found.items()
        if record is not None
    ]


def _last(number: int | None, *conditions: object) -> Select[tuple[str, int]]:
    """The last move of each record, of those that meet the conditions."""
    mine = and_(move.c.dataset_id == number, *conditions)  # type: ignore[arg-type]
    last = func.max(move.c.id).label("last")
    return select(move.c.record_id, last).where(mine).group_by(move.c.record_id)


def _unmoved(number: int | None) -> Select[tuple[str]]:
    last = _last(number).subquery()
    query = select(disclosure.c.record_id).where(disclosure.c.dataset_id == number)
    query = query.outerjoin(last, last.c.record_id == disclosure.c.record_id)
    query = query.outerjoin(move, move.c.id == last.c.last)
    other = or_(
        move.c.state.is_(None),
        move.c.state != disclosure.c.state,
        move.c.decision_id != disclosure.c.decision_id,
    )
    return query.where(other).limit(1)


def _unapproved(number: int | None) -> Select[tuple[str]]:
    """By the decision that last approved it: a person's own, a policy's, or one taken over."""
    last = _last(number, move.c.state == APPROVED, move.c.state_before != "scheduled").subquery()
    query = select(disclosure.c.record_id).where(
        disclosure.c.dataset_id == number, disclosure.c.state.in_(SHOWABLE)
    )
    query = query.outerjoin(last, last.c.record_id == disclosure.c.record_id)
    query = query.outerjoin(move, move.c.id == last.c.last)
    query = query.outerjoin(decision, decision.c.id == move.c.decision_id)
    right = or_(
        and_(decision.c.act == "approve", decision.c.actor == disclosure.c.approved_by),
        and_(
            decision.c.act == "approve_by_policy", decision.c.policy_id == disclosure.c.policy_id
        ),
        decision.c.rule == "upgrade",
    )
    return query.where(or_(decision.c.id.is_(None), ~right)).limit(1)
