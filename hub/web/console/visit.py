"""Who asks, in one request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection

from hub import people
from hub.accounts.account import Account, find
from hub.accounts.sessions import Place, Session


@dataclass(frozen=True)
class Visit:
    """A person at a browser: the account, the session, and the roles, department by department."""

    account: Account
    session: Session
    place: Place
    roles: frozenset[tuple[str, str]]  # (role, department)

    @property
    def person(self) -> str:
        """The name that is noted with what they do."""
        return self.account.person

    @property
    def stage(self) -> str:
        """How far they are signed in: code, enrol, open."""
        return self.session.stage

    def departments(self, *roles: str) -> frozenset[str]:
        """The departments for which they have one of the roles; without roles, for any."""
        return frozenset(d for role, d in self.roles if not roles or role in roles)

    @cached_property
    def is_staff(self) -> bool:
        """Whether they have any role."""
        return bool(self.roles)


def visit_of(connection: Connection, session: Session, place: Place) -> Visit | None:
    """The visit of a session; None where the account was closed meanwhile."""
    account = find(connection, session.person)
    if account is None or not account.is_open:
        return None
    mine = people.roles_of(connection, session.person)
    return Visit(account, session, place, frozenset(mine))
