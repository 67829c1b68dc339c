"""Sessions: who sits at which browser. They stand in the database, so that they can be ended at once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from hub.accounts.invitation import hours_from_now, token_hash
from hub.accounts.tables import session
from hub.instant import utc_now

CODE, ENROL, OPEN = "code", "enrol", "open"  # stages
STAGE_HOURS = 0.25  # for as long as somebody may take over the second step
KEPT_DAYS = 184  # sessions that ended are kept as long as the audit log's entries about them
SEEN_EVERY = timedelta(minutes=1)  # how exactly it is kept when somebody was there last


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request comes from: network address, and SHA-256 of what the browser says it is."""

    address: str
    browser: str

    @classmethod
    def of(cls, address: str | None, agent: str | None) -> Place:
        """The place of a request."""
        return cls((address or "-")[:64], token_hash(agent or ""))


@dataclass(frozen=True, slots=True)
class Session:
    """A session. `token` is the SHA-256 of what the browser holds."""

    token: str
    person: str
    stage: str
    form_key: str
    seen_at: str
    pending: str | None = None


def begin(connection: Connection, person: str, stage: str, place: Place, hours: float) -> str:
    """Begin a session; returns the token for the browser, which is new at every stage."""
    token = secrets.token_urlsafe(32)
    now = utc_now()
    row = {
        "token": token_hash(token), "person": person, "stage": stage,
        "form_key": secrets.token_urlsafe(24), "address": place.address, "browser": place.browser,
        "began_at": now, "seen_at": now,
        "ends_at": hours_from_now(hours if stage == OPEN else STAGE_HOURS),
    }  # fmt: skip
    old = session.c.ended_at < hours_from_now(-24 * KEPT_DAYS)
    connection.execute(delete(session).where(old))
    connection.execute(insert(session).values(row))
    return token


def look_up(connection: Connection, token: str) -> tuple[Session, Place, str] | None:
    """The living session with this token, where it began, and when it is over."""
    mine = (session.c.token == token_hash(token)) & session.c.ended_at.is_(None)
    row = connection.execute(select(session).where(mine)).one_or_none()
    if row is None:
        return None
    found = Session(row.token, row.person, row.stage, row.form_key, row.seen_at, row.pending)
    return found, Place(row.address, row.browser), row.ends_at


def is_idle(found: Session, minutes: float) -> bool:
    """Whether nobody was there for so long that it ends."""
    return datetime.now(UTC) - _moment(found.seen_at) > timedelta(minutes=minutes)


def should_touch(found: Session) -> bool:
    """Whether it has to be written down that somebody is there."""
    return datetime.now(UTC) - _moment(found.seen_at) > SEEN_EVERY


def touch(connection: Connection, found: Session) -> Session:
    """Write down that somebody is there."""
    now = utc_now()
    connection.execute(update(session).where(session.c.token == found.token).values(seen_at=now))
    return replace(found, seen_at=now)


def end(connection: Connection, token: str, why: str) -> None:
    """End one session, by the SHA-256 of its token."""
    mine = (session.c.token == token) & session.c.ended_at.is_(None)
    connection.execute(update(session).where(mine).values(ended_at=utc_now(), ended_by=why))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
