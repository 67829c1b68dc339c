"""What the administrators see of people coming in: sessions that are open, and attempts to sign in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from hub.accounts.tables import session, sign_in
from hub.instant import utc_now

MOST = 200  # of either that are shown


def open_sessions(connection: Connection, person: str | None = None) -> list[dict[str, Any]]:
    """{token (its SHA-256), person, stage, address, began_at, seen_at, ends_at}, the last first."""
    columns = ("token", "person", "stage", "address", "began_at", "seen_at", "ends_at")
    living = session.c.ended_at.is_(None) & (session.c.ends_at > utc_now())
    if person is not None:
        living &= session.c.person == person
    query = select(*(session.c[name] for name in columns)).where(living)
    rows = connection.execute(query.order_by(session.c.began_at.desc()).limit(MOST)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]


def attempts(connection: Connection, *, wrong: bool = False) -> list[dict[str, Any]]:
    """The last attempts of the last day: {person, address, at, outcome (ok, password, code)}."""
    query = select(sign_in.c.person, sign_in.c.address, sign_in.c.at, sign_in.c.outcome)
    if wrong:
        query = query.where(sign_in.c.outcome != "ok")
    rows = connection.execute(query.order_by(sign_in.c.id.desc()).limit(MOST)).mappings()
    return [{str(name): value for name, value in row.items()} for row in rows]
