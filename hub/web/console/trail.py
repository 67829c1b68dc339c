"""From where somebody came to a record: the queue and its filter, so that they go on to the next one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from exchange_schemas.days import today
from hub.allowed import allowed
from hub.inbox import DUE, QUEUES, Lane, Place, Queue, Wanted, lanes
from hub.inbox_pages import page
from hub.workload import shared

if TYPE_CHECKING:
    from hub.web.console.console import Console
    from hub.web.console.visit import Visit

_LONGEST = 100  # characters that are looked for
_PLACE = re.compile(r"(\d{4}-\d{2}-\d{2})?_([0-9a-f]{16})_(\d{1,9})")
_AHEAD = (2, 20, 200)  # rows among which the next one that a person may decide on is looked for


@dataclass(frozen=True, slots=True)
class Trail:
    """A queue by name ("" : none) and what of it is looked at."""

    queue: str = ""
    wanted: Wanted = field(default_factory=Wanted)

    @staticmethod
    def of(given: Mapping[str, str], queue: str | None = None) -> Trail:
        """What an address or a form says; of what can't be, nothing is taken."""
        name = given.get("queue", "") if queue is None else queue
        due = given.get("due", "")
        wanted = Wanted(
            dataset=given.get("of", "")[:_LONGEST],
            department=given.get("by", "")[:_LONGEST],
            due=name if name == "overdue" else due if due in DUE else "",
            text=given.get("q", "").strip()[:_LONGEST],
        )
        return Trail(name if name in QUEUES else "", wanted)

    @property
    def filters(self) -> dict[str, Any]:
        """For addresses and forms: of, by, due, q, as far as they say something."""
        one = self.wanted
        told = {"of": one.dataset, "by": one.department, "due": one.due, "q": one.text}
        if self.queue == "overdue":
            del told["due"]
        return {name: value for name, value in told.items() if value}

    @property
    def values(self) -> dict[str, Any]:
        """`filters`, and the queue."""
        return {**({"queue": self.queue} if self.queue else {}), **self.filters}


def lanes_of(console: Console, visit: Visit, connection: Connection, queue: Queue) -> list[Lane]:
    """The lanes of a queue that are the visitor's."""
    owned = shared(console.catalogue()) if queue.act == "approve" else {}
    return lanes(connection, visit.person, queue, owned)


def following(
    console: Console, visit: Visit, connection: Connection, trail: Trail, place: Place
) -> tuple[str, str] | None:
    """(dataset, record id) of the next in the queue that the visitor may decide on; None: the rest of it
    is for others, or there is nothing more."""
    queue = QUEUES.get(trail.queue)
    if queue is None:
        return None
    found = lanes_of(console, visit, connection, queue)
    for many in _AHEAD:
        rows = page(connection, found, trail.wanted, today(), place, many)
        for row in rows:
            standard = console.catalogue().get(row["dataset"])
            acts = allowed(row, standard, visit.roles, visit.person)
            if queue.act is None or acts.get(queue.act, row) is None:
                return row["dataset"], row["record_id"]
        if len(rows) < many:
            break
        place = Place.of(rows[-1])
    return None


def written(place: Place) -> str:
    """A place for an address."""
    return f"{place.publish_by or ''}_{place.record_id}_{place.number}"


def read_place(text: str) -> Place | None:
    """The place that an address says; None where it says none."""
    found = _PLACE.fullmatch(text)
    return Place(found[1], found[2], int(found[3])) if found else None
