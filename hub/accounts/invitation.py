"""Invitations: words that are good once, with which a person chooses a password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.accounts.password import check_new, hashed
from hub.accounts.tables import OPEN, account
from hub.instant import instant_of, utc_now

LASTS_HOURS = 72


def invitation() -> tuple[str, str]:
    """A new one, and its SHA-256, which is what is kept."""
    token = secrets.token_urlsafe(24)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """SHA-256 (hex) of a token that a person or a browser holds."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def invited(connection: Connection, token: str) -> str:
    """Whose invitation it is; raises Refused (invitation_over) where it was used or is too old."""
    mine = (account.c.invitation == token_hash(token)) & (account.c.state == OPEN)
    query = select(account.c.person).where(mine, account.c.invited_until > utc_now())
    person = connection.scalar(query)
    if person is None:
        raise Refused(Issue("invitation_over"))
    return str(person)


def accept(connection: Connection, token: str, password: str) -> str:
    """Take the password of whose invitation it is; returns the person.

    Raises Refused (invitation_over), Misdeclared (`password.check_new`).
    """
    person = invited(connection, token)
    check_new(password, person)
    values = {
        "password": hashed(password), "password_at": utc_now(),
        "invitation": None, "invited_until": None,
    }  # fmt: skip
    mine = (account.c.person == person) & (account.c.invitation == token_hash(token))
    if not connection.execute(update(account).where(mine).values(values)).rowcount:
        raise Refused(Issue("invitation_over"))
    return person


def hours_from_now(hours: float) -> str:
    """An instant as the tables keep it."""
    return instant_of(datetime.now(UTC) + timedelta(hours=hours))
