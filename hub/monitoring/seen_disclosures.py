"""Disclosures: by state, what is overdue by the law's clocks and whose it is, what is due today; releases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from exchange_schemas.days import today
from exchange_schemas.issue import Issue
from hub.monitoring.line import FAULT, WARNING, Line
from hub.monitoring.looking import Looking
from hub.occurrences import UNDER_WAY
from hub.tables import dataset
from hub.tables_of_review import disclosure
from publisher.release import CURRENT


@dataclass(frozen=True, slots=True)
class Overdue:
    """`records` of one department that the law wanted public, the first on `since` (a day)."""

    dataset: str
    department: str
    records: int
    since: str


@dataclass(frozen=True, slots=True)
class DisclosuresSeen:
    """`states`: (dataset, state) → records. `due`: (dataset, department) → records due today.
    `released`: dataset → when its newest release was put in place. `ledgers`: dataset → revisions."""

    states: Mapping[tuple[str, str], int]
    overdue: list[Overdue]
    due: Mapping[tuple[str, str], int]
    released: Mapping[str, str]
    ledgers: Mapping[str, int]


def see(at: Looking) -> DisclosuresSeen:
    """Reads an index for the states, and the rows of what isn't public yet for the clocks.

    A record on hold isn't overdue: the term rests while a third party is asked.
    """
    rows = at.connection.execute(select(dataset.c.id, dataset.c.name, dataset.c.seq)).all()
    names = {row.id: row.name for row in rows}
    one, day = disclosure.c, today().isoformat()
    counted = select(one.dataset_id, one.state, func.count()).group_by(one.dataset_id, one.state)
    states = {(names[n], s): int(c) for n, s, c in at.connection.execute(counted)}
    late = one.publish_by < day
    waiting = (
        select(one.dataset_id, one.department, late.label("late"), func.count())
        .add_columns(func.min(one.publish_by))
        # each dataset and state by the index; without the ids the whole table would be read
        .where(one.dataset_id.in_(list(names)), one.state.in_(UNDER_WAY), one.hold.is_(None))
        .where(one.publish_by <= day)
        .group_by(one.dataset_id, one.department, "late")
    )
    overdue, due = [], {}
    for number, department, is_late, count, first in at.connection.execute(waiting):
        if is_late:
            overdue.append(Overdue(names[number], department, int(count), first))
        else:
            due[names[number], department] = int(count)
    released = {name: at_ for name in names.values() if (at_ := _released(at, name))}
    return DisclosuresSeen(states, overdue, due, released, {r.name: int(r.seq) for r in rows})


def _released(at: Looking, name: str) -> str | None:
    """The file that names the newest release is written when it is put in place."""
    try:
        changed = (at.site.releases / name / CURRENT).stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds")


def lines(found: DisclosuresSeen) -> Iterator[Line]:
    """One for each department and dataset with something overdue or due today, and for each release."""
    for late in sorted(found.overdue, key=lambda one: (one.since, one.dataset, one.department)):
        words = {"count": str(late.records), "dataset": late.dataset, "since": late.since}
        issue = Issue("watch_overdue", value=late.department, params=words)
        name = f"{late.department}/{late.dataset}"
        figures = {"department": late.department, "dataset": late.dataset, "records": late.records}
        yield Line("overdue", name, FAULT, issue, late.since, late.records, figures)
    for (name, department), count in sorted(found.due.items()):
        words = {"count": str(count), "dataset": name}
        issue = Issue("watch_due_today", value=department, params=words)
        figures = {"department": department, "dataset": name, "records": count}
        yield Line("due", f"{department}/{name}", WARNING, issue, None, count, figures)
    for name, at in sorted(found.released.items()):
        yield Line("release", name, since=at)
