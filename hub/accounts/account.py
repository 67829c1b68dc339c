"""Accounts of people: made by the system administrator, with a role or an office by the security administrator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.accounts.invitation import LASTS_HOURS, hours_from_now, invitation
from hub.accounts.offices import OFFICES, SECURITY, SYSTEM
from hub.accounts.tables import CLOSED, OPEN, account, session
from hub.instant import utc_now

_PERSON = re.compile(r"[a-z][a-z0-9._-]{1,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may enter. `has_password` and `has_codes` tell how far they got with it."""

    person: str
    name: str
    department: str | None
    office: str | None
    state: str
    has_password: bool
    has_codes: bool
    made_by: str
    made_at: str

    @property
    def is_open(self) -> bool:
        """Whether it may be signed in with."""
        return self.state == OPEN


def find(connection: Connection, person: str) -> Account | None:
    """The account of this name, also a closed one."""
    row = connection.execute(select(account).where(account.c.person == person)).mappings()
    found = row.one_or_none()
    return _account(found) if found else None


def get(connection: Connection, person: str) -> Account:
    """As `find`; raises Misdeclared (account_unknown)."""
    found = find(connection, person)
    if found is None:
        raise Misdeclared(Issue("account_unknown", value=person))
    return found


def accounts(connection: Connection) -> list[Account]:
    """All of them by name, closed ones last."""
    query = select(account).order_by(account.c.state.desc(), account.c.person)
    return [_account(row) for row in connection.execute(query).mappings()]


def make(
    connection: Connection, person: str, name: str, department: str | None, by: str,
    office: str | None = None,
) -> str:  # fmt: skip
    """A new account; returns the invitation with which its person chooses a password, once.

    Raises Misdeclared (person_name_wrong, no_department), Refused (account_known).
    """
    if not _PERSON.fullmatch(person):
        raise Misdeclared(Issue("person_name_wrong", value=person))
    if department is not None and department not in load_codes("departments").codes:
        raise Misdeclared(Issue("no_department", value=department))
    if find(connection, person) is not None:
        raise Refused(Issue("account_known", value=person))
    token, kept = invitation()
    row = {
        "person": person, "name": name.strip() or person, "department": department, "office": office,
        "state": OPEN, "invitation": kept, "invited_until": hours_from_now(LASTS_HOURS),
        "made_by": by, "made_at": utc_now(),
    }  # fmt: skip
    connection.execute(insert(account).values(row))
    return token


def invite_again(connection: Connection, person: str) -> str:
    """A new invitation, which replaces the old one; the old password counts until it is used.

    One-time codes stay as they are, so whoever takes the invitation needs the person's telephone too.
    Raises Misdeclared (account_unknown), Refused (account_closed).
    """
    _open(connection, person)
    token, kept = invitation()
    values = {"invitation": kept, "invited_until": hours_from_now(LASTS_HOURS)}
    connection.execute(update(account).where(account.c.person == person).values(values))
    return token


def reset_codes(connection: Connection, person: str) -> None:
    """Let a person set up one-time codes anew, e.g. with another telephone; ends their sessions."""
    _open(connection, person)
    mine = account.c.person == person
    connection.execute(update(account).where(mine).values(code_secret=None, code_step=None))
    end_sessions(connection, person, "codes_reset")


def close(connection: Connection, person: str, by: str) -> None:
    """Nobody signs in with it any more: its sessions end, its roles and office are taken.

    Raises Misdeclared (account_unknown), Refused (account_closed, office_last, own_account).
    """
    found = _open(connection, person)
    if person == by:
        raise Refused(Issue("own_account", value=person))
    _keep_offices(connection, found)
    for one in people.roles(connection):
        if one.person == person:
            people.revoke(connection, person, one.department, one.role, by)
    values = {
        "state": CLOSED, "office": None, "password": None, "invitation": None, "code_secret": None,
        "closed_by": by, "closed_at": utc_now(),
    }  # fmt: skip
    connection.execute(update(account).where(account.c.person == person).values(values))
    end_sessions(connection, person, "closed")


def appoint(connection: Connection, person: str, office: str | None, by: str) -> None:
    """Give an office, or with None take it. Who holds one has no role (`separation`).

    Raises Misdeclared (account_unknown, office_unknown), Refused (account_closed, own_account,
    office_and_role, office_last).
    """
    if office is not None and office not in OFFICES:
        words = {"known": ", ".join(OFFICES)}
        raise Misdeclared(Issue("office_unknown", value=office, params=words))
    found = _open(connection, person)
    if person == by:
        raise Refused(Issue("own_account", value=person))
    if office is not None and any(one.person == person for one in people.roles(connection)):
        raise Refused(Issue("office_and_role", value=person))
    if found.office != office:
        _keep_offices(connection, found)
    connection.execute(update(account).where(account.c.person == person).values(office=office))
    end_sessions(connection, person, "office_changed")


def end_sessions(connection: Connection, person: str, why: str) -> None:
    """End every session of a person."""
    mine = (session.c.person == person) & session.c.ended_at.is_(None)
    values = {"ended_at": utc_now(), "ended_by": why}
    connection.execute(update(session).where(mine).values(values))


def _open(connection: Connection, person: str) -> Account:
    found = get(connection, person)
    if not found.is_open:
        raise Refused(Issue("account_closed", value=person))
    return found


def _keep_offices(connection: Connection, leaving: Account) -> None:
    """Without a system or a security administrator nobody could make the next one."""
    if leaving.office not in (SYSTEM, SECURITY):
        return
    others = [one for one in accounts(connection) if one.is_open and one.office == leaving.office]
    if len(others) < 2:
        raise Refused(Issue("office_last", value=leaving.office))


def _account(row: Mapping[Any, Any]) -> Account:
    names = ("person", "name", "department", "office", "state", "made_by", "made_at")
    return Account(
        **{name: row[name] for name in names},
        has_password=row["password"] is not None,
        has_codes=row["code_secret"] is not None,
    )
