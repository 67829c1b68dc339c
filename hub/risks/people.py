"""Who may see and weigh risk signals: staff of the departments that the standard names.

The standard `quality_risk_signal` shares signals only with departments that supervise product safety, protect
consumers or inspect imports.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection

from hub import people
from hub.states import ROLES

OFFICES = ("market_regulation", "consumer_council", "customs")


@dataclass(frozen=True, slots=True)
class Officer:
    """A person with its roles in the offices: (role, department)."""

    name: str
    roles: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def sees(self) -> bool:
        """Whether signals are anything of theirs."""
        return bool(self.roles)

    def office(self, role: str | None = None) -> str | None:
        """The office for which they act, in a role or in any; the first of OFFICES where there are several."""
        mine = {department for one, department in self.roles if role in (None, one)}
        return next((one for one in OFFICES if one in mine), None)


def officer(connection: Connection, name: str) -> Officer:
    """A person with the roles that it has now."""
    held = people.roles_of(connection, name)
    return Officer(
        f"person:{name}",
        frozenset((role, office) for role, office in held if office in OFFICES and role in ROLES),
    )
