"""The life of a grant: applied for, granted or refused by the department that owns the data, revoked.

What is shared without conditions is granted by the site's operator, who has its command line. Each step
is written down as it is done (`hub.consumers.events`); nothing of an application is changed by the
decision on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.consumers.consumer import Consumer
from hub.consumers.events import note
from hub.grants.sharing import PUBLIC, Way, deadlines, owner_on, way_of
from hub.grants.tables import APPLIED, GRANTED, REFUSED, REVOKED, consumer_grant
from hub.grants.terms import Terms, checked
from hub.instant import utc_now
from hub.states import APPROVER
from hub.tables import consumer

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person of the owning department decides; a refusal needs a reason and its legal ground."""

    granted: bool
    actor: str
    reason: str | None = None
    legal_ground: str | None = None


def apply_for(
    connection: Connection,
    catalogue: Catalogue,
    who: Consumer,
    terms: Terms,
    actor: str,
    *,
    by_operator: bool = True,
) -> int:
    """Ask for a dataset; returns the application's number.

    `by_operator` it is granted at once where it is shared without conditions; what a consumer asks
    for by itself waits for a person, but for the public's view.

    Raises what `terms.checked` does, and Refused: grant_waiting where an application of the
    same consumer waits, grant_later where the new grant would begin after today and replace one
    that lives.
    """
    day = today()
    asked = checked(catalogue, terms, day)
    standard = catalogue.get(asked.dataset)
    free = way_of(standard, asked.audience) is Way.AT_ONCE
    at_once = free and (by_operator or asked.audience == PUBLIC)
    # Two that apply at once: the second has to find what the first left.
    connection.execute(select(consumer.c.id).where(consumer.c.id == who.id).with_for_update())
    waiting = _of(connection, who.id, asked.dataset, APPLIED)
    if waiting is not None:
        raise Refused(Issue("grant_waiting", value=str(waiting["id"])))
    review, answer = (None, None) if at_once else deadlines(catalogue.law(), day)
    row = {
        **asked.columns(),
        "consumer_id": who.id,
        "share_type": standard.share_type,
        "state": APPLIED,
        "applied_at": utc_now(),
        "applied_by": actor,
        "review_by": review,
        "decide_by": answer,
    }
    number = int(
        connection.scalar(insert(consumer_grant).values(row).returning(consumer_grant.c.id)) or 0
    )
    note(connection, who.id, "apply", actor, grant_id=number, **asked.columns())
    if at_once:
        _grant(connection, _row(connection, number), actor, None)
    return number


def decide(connection: Connection, catalogue: Catalogue, number: int, verdict: Verdict) -> None:
    """Grant or refuse an application: a person who approves for the department that owns the data,
    or the operator where they are shared without conditions.

    Raises Misdeclared (grant_unknown) and Refused: role_missing, grant_state where it was decided
    already, grant_ground_missing for a refusal without reason or ground, grant_over where the time
    that was asked for is past, not_shared.
    """
    row = _row(connection, number)
    _check_actor(connection, catalogue, row, verdict.actor)
    _check_state(row, APPLIED)
    if verdict.granted:
        # The standard may have changed since.
        way_of(catalogue.get(row["dataset"]), row["audience"])
        if row["valid_until"] is not None and row["valid_until"] < today().isoformat():
            raise Refused(Issue("grant_over", value=str(number)))
        _grant(connection, row, verdict.actor, verdict.reason)
        return
    if not verdict.reason or not verdict.legal_ground:
        raise Refused(Issue("grant_ground_missing", value=str(number)))
    told = {"decision_basis": verdict.legal_ground}
    _end(connection, row, REFUSED, verdict.actor, verdict.reason, **told)


def revoke_grant(
    connection: Connection, catalogue: Catalogue, number: int, actor: str, reason: str
) -> None:
    """End a grant from now on, with a reason: whoever may decide on it.

    Raises Misdeclared (grant_unknown) and Refused: role_missing, grant_state, grant_ground_missing.
    """
    row = _row(connection, number)
    _check_actor(connection, catalogue, row, actor)
    _check_state(row, GRANTED)
    if not reason.strip():
        raise Refused(Issue("grant_ground_missing", value=str(number)))
    _end(connection, row, REVOKED, actor, reason)


def _grant(connection: Connection, row: RowMapping, actor: str, reason: str | None) -> None:
    old = _of(connection, row["consumer_id"], row["dataset"], GRANTED)
    if old is not None:
        ended = old["valid_until"] is not None and old["valid_until"] < today().isoformat()
        if row["valid_from"] > today().isoformat() and not ended:
            raise Refused(Issue("grant_later", value=str(old["id"])))
        _end(connection, old, REVOKED, actor, f"→ {row['id']}", "replace")
    _end(connection, row, GRANTED, actor, reason, "grant")


def _end(
    connection: Connection,
    row: RowMapping,
    state: str,
    actor: str,
    reason: str | None,
    act: str | None = None,
    **more: Any,
) -> None:
    """Move one row on, from the state in which it was read."""
    values = {"state": state, "decided_at": utc_now(), "decided_by": actor, "reason": reason}
    same = (consumer_grant.c.id == row["id"]) & (consumer_grant.c.state == row["state"])
    moved = connection.execute(update(consumer_grant).where(same).values(**values, **more))
    if not moved.rowcount:
        raise Refused(_wrong_state(row["id"], "…", row["state"]))
    word = act or {REFUSED: "refuse_grant", REVOKED: "revoke_grant"}[state]
    note(connection, row["consumer_id"], word, actor, reason, grant_id=row["id"], **more)


def _of(connection: Connection, consumer_id: int, dataset: str, state: str) -> RowMapping | None:
    mine = (consumer_grant.c.consumer_id == consumer_id) & (consumer_grant.c.dataset == dataset)
    query = select(consumer_grant).where(mine, consumer_grant.c.state == state)
    return connection.execute(query).mappings().first()


def _row(connection: Connection, number: int) -> RowMapping:
    known = 0 < number <= LARGEST_ID
    query = select(consumer_grant).where(consumer_grant.c.id == (number if known else 0))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise Misdeclared(Issue("grant_unknown", value=str(number)[:32]))
    return row


def _check_actor(
    connection: Connection, catalogue: Catalogue, row: RowMapping, actor: str
) -> None:
    standard = catalogue.get(row["dataset"])
    try:
        free = way_of(standard, row["audience"]) is Way.AT_ONCE
    except Refused:  # it isn't shared any more
        free = False
    if not free:
        people.check(connection, actor, APPROVER, owner_on(standard, today()))


def _check_state(row: RowMapping, state: str) -> None:
    if row["state"] != state:
        raise Refused(_wrong_state(row["id"], row["state"], state))


def _wrong_state(number: int, state: str, expected: str) -> Issue:
    return Issue("grant_state", value=str(number), params={"state": state, "expected": expected})


def is_overdue(decide_by: str | None, state: str, day: date) -> bool:
    """Whether an answer is owed since before `day`."""
    return state == APPLIED and decide_by is not None and decide_by < day.isoformat()
