"""What waits for somebody, in numbers: the front page of their day.

Nothing is counted beyond `inbox.MOST`, so the numbers cost the same on any day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from exchange_schemas.catalogue import Catalogue
from hub.inbox import MOST, QUEUES, Wanted, lanes
from hub.inbox_pages import count, not_by
from hub.states import APPROVER, BLOCKED, HANDLER, REVIEWER
from hub.tables import dataset, run
from hub.tables_of_filings import AGREED, KINDS, OPEN, consent, filing
from hub.tables_of_review import disclosure
from hub.tables_of_runs import held

Roles = Collection[tuple[str, str]]


def shared(catalogue: Catalogue) -> dict[str, str]:
    """The datasets whose owner approves, whoever supplied the record: name → owner."""
    standards = map(catalogue.get, catalogue.datasets())
    return {one.dataset: one.department for one in standards if one.review.by_owner}


def workload(
    connection: Connection, catalogue: Catalogue, person: str, roles: Roles, day: date
) -> Mapping[str, int]:
    """What waits → how many, up to `MOST` + 1; what the person's roles don't see isn't told.

    review, approve (what this person may decide on), overdue, today, week, blocked; correction,
    objection, repair, consents; held (runs), quarantine (feeds).
    """
    found: dict[str, int] = {}
    for role, name in ((REVIEWER, "review"), (APPROVER, "approve")):
        if _departments(roles, role):
            mine = lanes(connection, person, QUEUES[name], shared(catalogue))
            found[name] = count(connection, mine, Wanted(), day, *not_by(name, person))
    under_way = lanes(connection, person, QUEUES["due"], {})
    for word in ("overdue", "today", "week"):
        found[word] = count(connection, under_way, Wanted(due=word), day)
    blocked = [lane for lane in under_way if lane.state == BLOCKED]
    found["blocked"] = count(connection, blocked, Wanted(), day)
    return {**found, **_of_parties(connection, roles), **_of_feeds(connection, catalogue, roles)}


def _departments(roles: Roles, *wanted: str) -> list[str]:
    return sorted({department for role, department in roles if not wanted or role in wanted})


def _of_parties(connection: Connection, roles: Roles) -> dict[str, int]:
    handled = _departments(roles, HANDLER, APPROVER)
    found = {kind: _bounded(connection, _filings(kind, handled)) for kind in KINDS if handled}
    if asked := _departments(roles, REVIEWER, APPROVER):
        found["consents"] = _bounded(connection, _consents(asked))
    return found


def _filings(kind: str, departments: list[str]) -> Select[int]:
    same = and_(
        disclosure.c.dataset_id == filing.c.dataset_id,
        disclosure.c.record_id == filing.c.record_id,
    )
    query = select(filing.c.id).join(disclosure, same)
    return query.where(
        filing.c.kind == kind,
        filing.c.state.in_(OPEN),
        disclosure.c.department.in_(departments),
    )


def _consents(departments: list[str]) -> Select[int]:
    same = and_(
        disclosure.c.dataset_id == consent.c.dataset_id,
        disclosure.c.record_id == consent.c.record_id,
    )
    agreed = func.coalesce(consent.c.answer, "") == AGREED
    query = select(consent.c.id).join(disclosure, same)
    return query.where(
        ~agreed, consent.c.decision.is_(None), disclosure.c.department.in_(departments)
    )


def _of_feeds(connection: Connection, catalogue: Catalogue, roles: Roles) -> dict[str, int]:
    own = _departments(roles)
    if not own:
        return {}
    waiting = select(held.c.run_id).join(run, run.c.id == held.c.run_id)
    waiting = waiting.join(dataset, dataset.c.id == run.c.dataset_id)
    last = (
        select(func.max(run.c.id).label("id"))
        .where(run.c.state != "failed", run.c.kind != "correction")
        .group_by(run.c.feed_id, run.c.dataset_id)
        .subquery()
    )
    rejecting = select(run.c.feed_id).join(last, last.c.id == run.c.id)
    rejecting = rejecting.join(dataset, dataset.c.id == run.c.dataset_id)
    mine = of_departments(catalogue, own)
    return {
        "held": _bounded(connection, waiting.where(held.c.verdict.is_(None), mine)),
        "quarantine": _bounded(connection, rejecting.where(run.c.rejected > 0, mine).distinct()),
    }


def of_departments(catalogue: Catalogue, departments: Collection[str]) -> ColumnElement[bool]:
    """The runs (joined with their datasets) of these departments: who delivered, or whose standard it is."""
    names = [n for n in catalogue.datasets() if catalogue.get(n).department in departments]
    told = run.c.department.in_(sorted(departments))
    return or_(told, run.c.department.is_(None) & dataset.c.name.in_(names))


def _bounded(connection: Connection, query: Select[int]) -> int:
    rows = query.limit(MOST + 1).subquery()
    return int(connection.scalar(select(func.count()).select_from(rows)) or 0)
