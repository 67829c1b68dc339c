"""Nonces of signed requests: each is let in once, by whichever process is first.

Looking and noting are one statement, so that two that come at the same moment can't both find
nothing. A nonce is forgotten long after its request is too old, and what was forgotten is noted
with it: should a clock go back, requests from before stay refused.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from hub.grants.tables import nonce_floor, request_nonce

MARGIN = 7_200  # seconds for which a nonce is kept beyond need: a clock may be an hour wrong
_FLOOR = 1  # the one row of `nonce_floor`


def take_nonce(connection: Connection, keyid: str, nonce: str, until: int) -> bool:
    """Whether the nonce is new, in which case it isn't from now on.

    `until` is the second until which its request could be taken for a fresh one.
    """
    floor = func.coalesce(select(func.max(nonce_floor.c.until)).scalar_subquery(), 0)
    values = select(literal(keyid), literal(nonce), literal(until)).where(literal(until) > floor)
    columns = ["keyid", "nonce", "until"]
    statement = _dialect(connection).insert(request_nonce).from_select(columns, values)
    taken = statement.on_conflict_do_nothing().returning(request_nonce.c.keyid)
    return connection.execute(taken).first() is not None


def sweep(connection: Connection, now: float) -> int:
    """Forget what has been past for long; returns how many."""
    floor = int(now) - MARGIN
    added = _dialect(connection).insert(nonce_floor).values(id=_FLOOR, until=floor)
    connection.execute(added.on_conflict_do_nothing())
    higher = update(nonce_floor).where(nonce_floor.c.until < floor).values(until=floor)
    connection.execute(higher)
    old = request_nonce.c.until <= floor
    return int(connection.execute(delete(request_nonce).where(old)).rowcount)


def _dialect(connection: Connection) -> Any:
    return postgresql if connection.dialect.name == "postgresql" else sqlite
