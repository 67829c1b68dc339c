"""Decisions: the one way in which the state of disclosures changes.

`hub.states` says what may follow what; the database refuses anything else and keeps the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, update

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import holders, ledger
from hub.instant import utc_now
from hub.states import BY_NAME, HUB, PUBLIC
from hub.tables_of_review import decision, disclosure, move

REASONS = "decision_reasons"  # the code list


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code of `codes/decision_reasons.csv`; `text` says it in the actor's own words."""

    code: str
    text: str | None = None

    def check(self, act: str) -> None:
        """Raises Misdeclared (reason_unknown) where the code isn't one of the act's."""
        known = load_codes(REASONS).codes
        fitting = [c for c, one in known.items() if act in one.more["acts"].split(";")]
        if self.code not in fitting:
            words = {"known": ", ".join(fitting), "act": act}
            raise Misdeclared(Issue("reason_unknown", value=self.code, params=words))

    @property
    def legal_basis(self) -> str:
        """The law that the reason stands in."""
        return load_codes(REASONS).codes[self.code].more["legal_basis"]


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides what of one dataset, why, and under which version of the rules (`Law.name`, a
    policy, a release); `more` are columns of `decision`. Without a reason it is the act's own."""

    number: int
    act: str
    rule: str
    actor: str = HUB
    reason: Reason | None = None
    more: tuple[tuple[str, Any], ...] = ()


def open_decision(connection: Connection, one: Decision) -> int:
    """Write a decision down before what it changes; returns its id.

    It takes the dataset's lock: decisions, revisions and releases of a dataset follow each other.
    Raises Refused (reason_missing) and Misdeclared (reason_unknown).
    """
    code = BY_NAME[one.act].code
    reason = one.reason or (Reason(code) if code else None)
    if reason is None:
        raise Refused(Issue("reason_missing", value=one.act))
    reason.check(one.act)
    ledger.lock(connection, one.number)
    row = {
        "dataset_id": one.number,
        "act": one.act,
        "actor": one.actor,
        "reason_code": reason.code,
        "reason": reason.text,
        "legal_basis": reason.legal_basis,
        "rule": one.rule,
        "records": 0,
        "after_move": select(func.coalesce(func.max(move.c.id), 0)).scalar_subquery(),
        "decided_at": utc_now(),
        **dict(one.more),
    }
    return int(connection.scalar(insert(decision).values(row).returning(decision.c.id)) or 0)


def close_decision(connection: Connection, decision_id: int, act: str, records: int) -> None:
    """Note how many records it moved, and tell those who hold what left the public."""
    mine = decision.c.id == decision_id
    connection.execute(update(decision).where(mine).values(records=records))
    if BY_NAME[act].target not in PUBLIC:
        holders.tell(connection, decision_id)


def decide(
    connection: Connection,
    one: Decision,
    chosen: ColumnElement[bool],
    values: dict[str, Any] | None = None,
) -> int:
    """Move the chosen disclosures that are in a state of the act; returns how many.

    `chosen` is a condition on `disclosure`, `values` are further columns. Without any record no
    decision is kept.
    """
    act = BY_NAME[one.act]
    from_here = chosen & (disclosure.c.dataset_id == one.number)
    from_here &= disclosure.c.state.in_(act.sources)
    if connection.execute(select(disclosure.c.key).where(from_here).limit(1)).first() is None:
        return 0
    number = open_decision(connection, one)
    moved = {"state": act.target, "decision_id": number, **(values or {})}
    count = connection.execute(update(disclosure).where(from_here).values(moved)).rowcount
    close_decision(connection, number, one.act, count)
    return int(count)


def among(staged: Table) -> ColumnElement[bool]:
    """The disclosures whose record and view stand in a staged table (record_id, view_digest)."""
    same = (staged.c.record_id == disclosure.c.record_id) & (
        staged.c.view_digest == disclosure.c.view_digest
    )
    return select(staged.c.record_id).where(same).exists()
