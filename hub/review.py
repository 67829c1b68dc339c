"""Review: two people let the public view of a record be published.

The reviewer examines it, for secrets and for personal data too where the standard asks for it
(市场监督管理行政处罚信息公示规定 arts. 5–7); another person approves it. Both act for the department
whose record it is, and neither is who handed it in. An approval is bound to the digest of exactly
the view that was shown; `hub.disclosures` asks again when the view has changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import ledger, people
from hub.audit.acting import tell
from hub.chosen import Chosen, check_named, matching
from hub.database import write
from hub.decisions import Decision, Reason, among, decide
from hub.staging import staged
from hub.states import BY_NAME, REVIEWER
from hub.tables import dataset
from hub.tables_of_review import disclosure

AT_ONCE = 20  # records that may be decided on without a sample: as many as a page shows
CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody decides: the site's ledger, the dataset's standard, and who it is."""

    engine: Engine
    catalogue: Catalogue
    standard: Standard
    actor: str

    @property
    def rule(self) -> str:
        """The version of the law under which it is decided."""
        return self.catalogue.law().name


def listing(connection: Connection, name: str | None = None) -> list[dict[str, Any]]:
    """How many disclosures are in which state: {dataset, department, state, records}."""
    columns = (dataset.c.name, disclosure.c.department, disclosure.c.state)
    query = (
        select(*columns, func.count())
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .group_by(*columns)
        .order_by(*columns)
    )
    if name:
        query = query.where(dataset.c.name == name)
    names = ("dataset", "department", "state", "records")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]


def review(desk: Desk, chosen: Chosen, *, secrecy: bool = False, privacy: bool = False) -> int:
    """Say of pending views that they may go to approval; returns how many.

    `secrecy` and `privacy` say that the view was examined for secrets and for personal data, which
    some standards ask for. Raises as `act`, and Refused (not_examined).
    """
    values, found = said(desk, "review", secrecy=secrecy, privacy=privacy)
    return act(desk, "review", chosen, values=values, more=found)


def approve(desk: Desk, chosen: Chosen) -> int:
    """Approve what another person reviewed, exactly as it is now; returns how many.

    Raises as `act`.
    """
    return act(desk, "approve", chosen, values=said(desk, "approve")[0])


def schedule(desk: Desk, chosen: Chosen, day: str) -> int:
    """Let approved views wait for a day (ISO) before they may be published. Raises as `act`."""
    return act(desk, "schedule", chosen, values={"publish_on": day})


def unschedule(desk: Desk, chosen: Chosen) -> int:
    """Let scheduled views be published at once. Raises as `act`."""
    return act(desk, "unschedule", chosen, values={"publish_on": None})


def reject(desk: Desk, chosen: Chosen, reason: Reason) -> int:
    """Refuse to publish pending or reviewed views. Raises as `act`."""
    return act(desk, "reject", chosen, reason, {"why": reason.text or reason.code})


def give_back(desk: Desk, chosen: Chosen, reason: Reason) -> int:
    """Return reviewed views to their reviewer. Raises as `act`."""
    nobody = {"reviewed_by": None, "secrecy": None, "privacy": None}
    return act(desk, "return", chosen, reason, {**nobody, "why": reason.text or reason.code})


def withdraw(desk: Desk, chosen: Chosen, reason: Reason) -> int:
    """Take published or approved views back; the next release is without them. Raises as `act`."""
    return act(desk, "withdraw", chosen, reason, {"why": reason.text or reason.code})


def act(
    desk: Desk,
    name: str,
    chosen: Chosen,
    reason: Reason | None = None,
    values: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
) -> int:
    """Do one of `states.ACTS` to the chosen disclosures; returns how many.

    Raises Refused: role_missing, same_person (nothing is left but what the actor handed in or
    reviewed), record_unknown, state_wrong, digest_changed, on_hold, sample_needed (more than
    `AT_ONCE` at a time), reason_missing; Misdeclared: reason_unknown, condition_invalid.
    """
    states = BY_NAME[name].sources
    with write(desk.engine) as connection:
        number = ledger.dataset_id(connection, desk.standard.dataset)
        check_named(connection, desk.standard.dataset, number, chosen, states)
        mine = (
            chosen.among(number)
            & may_decide(connection, desk, name)
            & disclosure.c.state.in_(states)
        )
        rows = matching(connection, desk.catalogue, desk.standard, mine, chosen.condition)
        if rows.is_empty():
            tell(records=0)
            return _nothing(connection, desk, name, chosen, number)
        if rows.height > AT_ONCE and len(chosen.records) != rows.height:
            words = {"limit": str(AT_ONCE)}
            raise Refused(Issue("sample_needed", value=str(rows.height), params=words))
        made = Decision(number, name, desk.rule, desk.actor, reason, _more(chosen, more))
        with staged(connection, rows.select("record_id", "view_digest"), "record_id") as table:
            done = decide(connection, made, mine & among(table), values)
            tell(records=done)
            return done


def said(
    desk: Desk, name: str, *, secrecy: bool = False, privacy: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of disclosures and of the decision that say who decided and what was examined.

    Raises Refused (not_examined).
    """
    if name == "approve":
        seen = {"approved_digest": disclosure.c.view_digest, "approved_seq": disclosure.c.seq}
        return {"approved_by": desk.actor, **seen}, {}
    if desk.standard.review.examined and not (secrecy and privacy):
        raise Refused(Issue("not_examined", value=desk.standard.dataset))
    values = {"reviewed_by": desk.actor, "secrecy": int(secrecy), "privacy": int(privacy)}
    words = {"secrecy": secrecy, "privacy": privacy}
    return values, {word: CLEARED for word, yes in words.items() if yes}


def may_decide(connection: Connection, desk: Desk, name: str) -> ColumnElement[bool]:
    """The disclosures on which the actor may do that act: of the own departments, neither handed in
    nor reviewed by the same person, and not on hold. Raises Refused (role_missing)."""
    role = BY_NAME[name].by
    if name == "approve" and desk.standard.review.by_owner:
        people.check(connection, desk.actor, role, desk.standard.department)
        mine: ColumnElement[bool] = disclosure.c.department.is_not(None)
    else:
        mine = people.own(connection, desk.actor, role)
    if role == REVIEWER or name == "approve":
        mine &= _other(disclosure.c.author, desk.actor)
        mine &= disclosure.c.hold.is_(None)
    if name == "approve":
        mine &= disclosure.c.reviewed_by != desk.actor
    return mine


def _other(column: Any, actor: str) -> ColumnElement[bool]:
    other: ColumnElement[bool] = column.is_(None) | (column != actor)
    return other


def _nothing(connection: Connection, desk: Desk, name: str, chosen: Chosen, number: int) -> int:
    """Nothing is left for this person: raises why, if there was something for others."""
    there = chosen.among(number) & disclosure.c.state.in_(BY_NAME[name].sources)
    row = connection.execute(
        select(disclosure.c.department, disclosure.c.author, disclosure.c.reviewed_by)
        .where(there)
        .limit(1)
    ).one_or_none()
    if row is None or chosen.condition:
        return 0
    if desk.actor in (row.author, row.reviewed_by):
        raise Refused(Issue("same_person", value=desk.actor))
    people.check(connection, desk.actor, BY_NAME[name].by, row.department)
    return 0


def _more(chosen: Chosen, more: dict[str, Any] | None) -> tuple[tuple[str, Any], ...]:
    told = dict(more or {})
    if chosen.condition:
        told["condition"] = json.dumps(dict(chosen.condition), ensure_ascii=False, default=str)
    return tuple(told.items())
