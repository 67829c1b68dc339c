"""Who may open which door: every route has a policy, and one without is closed.

The policy is asked before anything of the route runs. What it doesn't know, the state of what is acted
on, is asked by the act itself in its transaction (`hub.review`, `hub.held`, …).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.accounts.offices import AUDIT, SECURITY, SYSTEM
from hub.states import APPROVER, HANDLER, REVIEWER

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from hub.web.console.visit import Visit

SUBMITTER = "submitter"
EVERY_ROLE = (SUBMITTER, REVIEWER, APPROVER, HANDLER)

#: The departments whose object the address names; none where there is no such object.
Owner = Callable[["Connection", Mapping[str, Any]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom a route lets in: `anybody`; or who is signed in (at `stage`) and has one of the `offices`, or
    one of the `roles` — with an `owner`, for a department that the object belongs to."""

    anybody: bool = False
    stage: str = "open"
    offices: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    owner: Owner | None = None

    def lets_in(self, visit: Visit, departments: frozenset[str] | None = None) -> bool:
        """Whether that person may; `departments` are the object's, None where none is asked for."""
        if self.anybody or visit.stage != self.stage:
            return self.anybody
        if not (self.offices or self.roles) or visit.account.office in self.offices:
            return True
        # without roles there is none that would do: `departments()` would be those of any
        mine = visit.departments(*self.roles) if self.roles else frozenset()
        return bool(mine if departments is None else mine & departments)


ANYBODY = Policy(anybody=True)
SIGNED_IN = Policy()
AT_CODE = Policy(stage="code")
AT_ENROL = Policy(stage="enrol")
STAFF = Policy(roles=EVERY_ROLE)
SYSTEM_ONLY = Policy(offices=(SYSTEM,))
SECURITY_ONLY = Policy(offices=(SECURITY,))
AUDIT_ONLY = Policy(offices=(AUDIT,))


def of_roles(*roles: str, owner: Owner | None = None) -> Policy:
    """A policy for roles; with `owner`, of the department that the object belongs to."""
    return Policy(roles=roles, owner=owner)
