"""The first people: one command names the three administrators, once."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, exists, select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.accounts.account import make
from hub.accounts.offices import OFFICES
from hub.accounts.tables import account


def begin(connection: Connection, named: Mapping[str, str], by: str) -> dict[str, str]:
    """Make the accounts of the three administrators, office → person; returns person → invitation.

    Raises Refused (accounts_begun) where there is any account already, Misdeclared (offices_same) where
    one person is to hold two offices, and as `account.make`.
    """
    if connection.scalar(select(exists().where(account.c.person.is_not(None)))):
        raise Refused(Issue("accounts_begun"))
    if len({named[office] for office in OFFICES}) < len(OFFICES):
        raise Misdeclared(Issue("offices_same"))
    return {
        named[office]: make(connection, named[office], named[office], None, by, office)
        for office in OFFICES
    }
