"""People and what they may do, department by department; nobody acts for another department."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.accounts.tables import account
from hub.instant import utc_now
from hub.states import ROLES
from hub.tables_of_review import disclosure, person_role


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's role for one department; `revoked_at` is None while it lasts."""

    person: str
    department: str
    role: str
    granted_by: str
    granted_at: str
    revoked_at: str | None


def grant(connection: Connection, person: str, department: str, role: str, by: str) -> None:
    """Let a person act for a department. Doing it twice changes nothing.

    Raises Misdeclared (role_unknown, no_department), Refused (office_and_role) for whoever holds one of
    the three offices.
    """
    if role not in ROLES:
        raise Misdeclared(Issue("role_unknown", value=role, params={"known": ", ".join(ROLES)}))
    if department not in load_codes("departments").codes:
        raise Misdeclared(Issue("no_department", value=department))
    if department in departments_of(connection, person, role):
        return
    if connection.scalar(select(account.c.office).where(account.c.person == person)):
        raise Refused(Issue("office_and_role", value=person))
    words = {"person": person, "department": department, "role": role}
    row = {**words, "granted_by": by, "granted_at": utc_now()}
    connection.execute(insert(person_role).values(row))


def revoke(connection: Connection, person: str, department: str, role: str, by: str) -> None:
    """Take a role away from now on; raises Misdeclared (role_missing)."""
    mine = _held(person, role) & (person_role.c.department == department)
    values = {"revoked_by": by, "revoked_at": utc_now()}
    if not connection.execute(update(person_role).where(mine).values(values)).rowcount:
        raise Misdeclared(_missing(person, role, department))


def departments_of(connection: Connection, person: str, role: str) -> set[str]:
    """The departments for which a person has the role now."""
    query = select(person_role.c.department).where(_held(person, role))
    return set(connection.scalars(query))


def roles_of(connection: Connection, person: str) -> set[tuple[str, str]]:
    """The roles that a person has now: {(role, department)}."""
    mine = (person_role.c.person == person) & person_role.c.revoked_at.is_(None)
    rows = connection.execute(select(person_role.c.role, person_role.c.department).where(mine))
    return {(row.role, row.department) for row in rows}


def own(connection: Connection, person: str, role: str) -> ColumnElement[bool]:
    """A condition on `disclosure`: the records of departments for which the person has the role.

    Raises Refused (role_missing) where there is no such department.
    """
    departments = departments_of(connection, person, role)
    if not departments:
        raise Refused(_missing(person, role, "any/任何"))
    return disclosure.c.department.in_(sorted(departments))


def check(connection: Connection, person: str, role: str, department: str) -> None:
    """Raises Refused (role_missing) where the person has no such role for the department."""
    if department not in departments_of(connection, person, role):
        raise Refused(_missing(person, role, department))


def roles(connection: Connection, living: bool = True) -> list[Grant]:
    """Everybody's roles by name; with `living` only those that weren't taken away."""
    query = select(person_role).order_by(person_role.c.person, person_role.c.id)
    if living:
        query = query.where(person_role.c.revoked_at.is_(None))
    return [_grant(row) for row in connection.execute(query).mappings()]


def _grant(row: Any) -> Grant:
    return Grant(**{name: row[name] for name in Grant.__dataclass_fields__})


def _held(person: str, role: str) -> ColumnElement[bool]:
    return (
        (person_role.c.person == person)
        & (person_role.c.role == role)
        & person_role.c.revoked_at.is_(None)
    )


def _missing(person: str, role: str, department: str) -> Issue:
    return Issue("role_missing", value=person, params={"role": role, "department": department})
