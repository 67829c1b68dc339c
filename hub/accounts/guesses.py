"""Guessing is slow: attempts to sign in are counted by person and by address, over all processes.

The numbers are those of the Python Package Index (pypi/warehouse, `warehouse/config.py`): ten wrong
passwords in five minutes for a person or an address, five wrong codes, a thousand in all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.accounts.tables import sign_in
from hub.instant import instant_of, utc_now

MINUTES = 5
PASSWORDS, CODES, ALL = 10, 5, 1_000
KEPT_HOURS = 24

OK, WRONG_PASSWORD, WRONG_CODE = "ok", "password", "code"


def check(connection: Connection, person: str, address: str) -> None:
    """Raises Refused (guesses_too_many) where there were too many wrong ones just now.

    It is asked before a password is looked at: what is refused here costs one small query.
    """
    recent = (sign_in.c.at > _minutes_ago(MINUTES)) & (sign_in.c.outcome != OK)
    here = recent & (sign_in.c.address == address)
    mine = recent & (sign_in.c.person == person)
    wrong_codes = mine & (sign_in.c.outcome == WRONG_CODE)
    limits = ((mine, PASSWORDS), (wrong_codes, CODES), (here, PASSWORDS), (recent, ALL))
    if any(_count(connection, which, most) >= most for which, most in limits):
        raise Refused(Issue("guesses_too_many", params={"minutes": str(MINUTES)}))


def begin(connection: Connection, person: str, address: str, kind: str) -> int:
    """Count an attempt as wrong before it is looked at, so that many at once don't slip through; returns
    its id for `succeed`. Those of before yesterday are forgotten. Raises as `check`.
    """
    check(connection, person, address)
    row = {"person": person[:64], "address": address[:64], "at": utc_now(), "outcome": kind}
    connection.execute(delete(sign_in).where(sign_in.c.at < _minutes_ago(KEPT_HOURS * 60)))
    return int(connection.scalar(insert(sign_in).values(row).returning(sign_in.c.id)) or 0)


def succeed(connection: Connection, attempt: int) -> None:
    """The attempt was right after all."""
    connection.execute(update(sign_in).where(sign_in.c.id == attempt).values(outcome=OK))


def forgive(connection: Connection, person: str) -> None:
    """Forget the wrong attempts of a person, who may try again at once."""
    connection.execute(delete(sign_in).where(sign_in.c.person == person, sign_in.c.outcome != OK))


def _count(connection: Connection, which: ColumnElement[bool], most: int) -> int:
    first = select(sign_in.c.id).where(which).limit(most).subquery()
    return int(connection.scalar(select(func.count()).select_from(first)) or 0)


def _minutes_ago(minutes: float) -> str:
    return instant_of(datetime.now(UTC) - timedelta(minutes=minutes))
