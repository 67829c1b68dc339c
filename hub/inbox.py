"""Queues: what waits for somebody, over all departments and datasets of theirs, the most urgent first.

A queue is looked at lane by lane: a lane are the disclosures of one dataset, department and state, which
one index has in the order of urgency. So the first page and the thousandth cost the same, and nothing is
ever counted or sorted as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    literal,
    literal_column,
    select,
    union_all,
)

from hub.occurrences import UNDER_WAY
from hub.states import (
    APPROVED,
    APPROVER,
    BLOCKED,
    HANDLER,
    OBJECTED,
    PENDING,
    REFUSED,
    REJECTED,
    REVIEWED,
    REVIEWER,
    SCHEDULED,
)
from hub.tables import dataset
from hub.tables_of_review import disclosure, person_role

PAGE = 20
MOST = 1_000  # what is counted at the most: somebody who has more to do needs no exact number
WEEK = 6  # days after today that are due within a week
SHOWN = (
    "dataset_id", "record_id", "department", "seq", "state", "author", "hold", "why", "reviewed_by",
    "approved_by", "publish_by", "publish_on",
)  # fmt: skip
DUE = ("overdue", "today", "week", "later", "none")
_ANY = ("submitter", REVIEWER, APPROVER, HANDLER)


@dataclass(frozen=True, slots=True)
class Queue:
    """Disclosures in one of `states`, for who has one of `roles` in their department.

    `act` is what they wait for (of `states.ACTS`), None where the list only tells.
    """

    name: str
    states: tuple[str, ...]
    roles: tuple[str, ...] = _ANY
    act: str | None = None


QUEUES: Mapping[str, Queue] = {
    one.name: one
    for one in (
        Queue("review", (PENDING,), (REVIEWER,), "review"),
        Queue("approve", (REVIEWED,), (APPROVER,), "approve"),
        Queue("overdue", UNDER_WAY),
        Queue("due", UNDER_WAY),
        Queue("approved", (APPROVED,)),
        Queue("scheduled", (SCHEDULED,)),
        Queue("blocked", (BLOCKED,)),
        Queue("rejected", (REJECTED,)),
        Queue("refused", (REFUSED,)),
        Queue("objected", (OBJECTED,)),
    )
}


@dataclass(frozen=True, slots=True)
class Lane:
    """The disclosures of one dataset, department and state."""

    number: int  # of the dataset
    dataset: str
    department: str
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a queue is asked for; "" is all. `due` is one of `DUE`; `text` a record's id, or what its
    key has in it, such as a document number or a credit code."""

    dataset: str = ""
    department: str = ""
    due: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in the order of a queue: (publish_by, record_id, dataset), rows without a day last."""

    publish_by: str | None
    record_id: str
    number: int

    @staticmethod
    def of(row: Mapping[str, Any]) -> Place:
        """Where a row of `page`, or of `disclosure`, stands."""
        return Place(row["publish_by"], row["record_id"], row["dataset_id"])


def lanes(
    connection: Connection, person: str, queue: Queue, shared: Mapping[str, str]
) -> list[Lane]:
    """The person's lanes of a queue in which there is something.

    `shared` are the datasets whose records an approver of the dataset's owner approves, whoever
    supplied them: name → owner (`Review.by_owner`).
    """
    own = _departments(person, queue.roles)
    if queue.act != "approve" or not shared:
        return _found(connection, queue.states, own)
    apart = dataset.c.name.in_(sorted(shared))
    found = _found(connection, queue.states, own, ~apart)
    mine = set(connection.scalars(own))
    if open_to_me := [name for name, owner in shared.items() if owner in mine]:
        everybody = select(person_role.c.department).distinct()
        found += _found(connection, queue.states, everybody, dataset.c.name.in_(open_to_me))
    return found


def _departments(person: str, roles: Sequence[str]) -> Select[Any]:
    mine = (person_role.c.person == person) & person_role.c.role.in_(roles)
    query = select(person_role.c.department).where(mine, person_role.c.revoked_at.is_(None))
    return query.distinct()


def _found(
    connection: Connection,
    states: Sequence[str],
    departments: Select[Any],
    *of: ColumnElement[bool],
) -> list[Lane]:
    theirs = departments.subquery("theirs")
    state = union_all(*(select(literal(word).label("state")) for word in states)).subquery(
        "states"
    )
    # As a value and not as a condition: each lane is looked up in the index, and no plan is made that
    # reads the whole table.
    first = (
        select(literal_column("1"))
        .where(
            disclosure.c.dataset_id == dataset.c.id,
            disclosure.c.state == state.c.state,
            disclosure.c.department == theirs.c.department,
        )
        .limit(1)
        .correlate(dataset, theirs, state)
        .scalar_subquery()
    )
    query = select(dataset.c.id, dataset.c.name, theirs.c.department, state.c.state)
    query = query.select_from(dataset.join(theirs, literal(True)).join(state, literal(True)))
    query = query.where(first.is_not(None), *of).order_by(
        dataset.c.name, theirs.c.department, state.c.state
    )
    return [Lane(*row) for row in connection.execute(query)]
