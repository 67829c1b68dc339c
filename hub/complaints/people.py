"""Who somebody is for tickets: the department that handles them, the dispatcher, the supervisor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, true

from hub import people
from hub.complaints.states import DEPARTMENT, DISPATCHER, HUB, SUPERVISOR
from hub.complaints.tables import complaint_ticket
from hub.states import APPROVER, HANDLER

PLATFORM_OFFICE = "government_services_data"  # runs 12345, hands tickets out
WATCHERS = (PLATFORM_OFFICE, "supervisory_commission")  # whose approvers supervise


@dataclass(frozen=True, slots=True)
class Clerk:
    """A person with the departments that it handles or approves for."""

    name: str
    desks: frozenset[str] = field(default_factory=frozenset)
    heads: frozenset[str] = field(default_factory=frozenset)
    is_hub: bool = False

    @property
    def dispatches(self) -> bool:
        """Whether it hands tickets out."""
        return PLATFORM_OFFICE in self.desks

    @property
    def supervises(self) -> bool:
        """Whether it watches over all departments."""
        return not self.heads.isdisjoint(WATCHERS)


THE_HUB = Clerk("hub", is_hub=True)


def clerk(connection: Connection, name: str) -> Clerk:
    """A person with the roles that it has now."""
    return Clerk(
        f"person:{name}",
        frozenset(people.departments_of(connection, name, HANDLER)),
        frozenset(people.departments_of(connection, name, APPROVER)),
    )


def sides(one: Clerk, row: Any) -> frozenset[str]:
    """What somebody may act as on a ticket."""
    found = {HUB} if one.is_hub else set()
    if one.dispatches:
        found.add(DISPATCHER)
    if one.supervises:
        found.add(SUPERVISOR)
    if row["department"] is not None and row["department"] in one.desks:
        found.add(DEPARTMENT)
    return frozenset(found)


def sees(one: Clerk, row: Any) -> bool:
    """Whether somebody sees a ticket at all: also the head of its department does."""
    return bool(sides(one, row)) or row["department"] in one.heads


def visible(one: Clerk) -> ColumnElement[bool]:
    """A condition on `complaint_ticket`: what somebody sees."""
    if one.is_hub or one.dispatches or one.supervises:
        return true()
    mine = sorted(one.desks | one.heads)
    return complaint_ticket.c.department.in_(mine) if mine else false()
