"""What somebody may do to a disclosure now: by its state, their roles, and two people's rule.

It tells beforehand what `hub.review` decides in its transaction, so that a page offers what will be done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub.states import APPROVER, BY_NAME, REVIEWER

ACTS = ("review", "approve", "return", "reject", "schedule", "unschedule", "withdraw")


def allowed(
    row: Mapping[str, Any], standard: Standard, roles: Collection[tuple[str, str]], person: str
) -> dict[str, Issue | None]:
    """Act → why this person may not do it (same_person, on_hold), None: they may.

    Acts that the state doesn't know, or for which they have no role, aren't told. `row` has the state,
    department, author, reviewed_by and hold of a disclosure, `roles` are (role, department).
    """
    return {
        name: _hindrance(name, row, person)
        for name in ACTS
        if row["state"] in BY_NAME[name].sources
        and (BY_NAME[name].by, department_of(name, row["department"], standard)) in roles
    }


def department_of(act: str, department: str, standard: Standard) -> str:
    """For which department one has to act: the record's, or the standard's where its owner approves."""
    owner = act == "approve" and standard.review.by_owner
    return standard.department if owner else department


def _hindrance(name: str, row: Mapping[str, Any], person: str) -> Issue | None:
    if BY_NAME[name].by == REVIEWER or name == "approve":
        if row["hold"] is not None:
            return Issue("on_hold", value=row.get("record_id"), params={"reason": row["hold"]})
        if person == row["author"]:
            return Issue("same_person", value=person)
    if name == "approve" and person == row["reviewed_by"]:
        return Issue("same_person", value=person)
    return None


def is_approver(roles: Collection[tuple[str, str]], department: str) -> bool:
    """Whether they approve for a department."""
    return (APPROVER, department) in roles
