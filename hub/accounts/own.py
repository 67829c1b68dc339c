"""What people change of their own account: the password, one-time codes, sessions elsewhere.

Each change is proved anew, with the old password and a code, so that a browser left open isn't enough.
Wrong attempts count as those to sign in do.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.accounts import guesses
from hub.accounts.entering import Entrance
from hub.accounts.one_time_code import new_secret, step_of
from hub.accounts.password import check_new, hashed, matches
from hub.accounts.sealing import seal, unseal
from hub.accounts.sessions import Place, Session
from hub.accounts.tables import account, session
from hub.audit.acting import nobody_acts
from hub.database import look, write
from hub.instant import utc_now


def change_password(
    entrance: Entrance, mine: Session, place: Place, old: str, code: str, new: str
) -> None:
    """A new password, proved by the old one and, of who has them, a code; sessions elsewhere end.

    Raises Refused (guesses_too_many, password_old_wrong, code_wrong), Misdeclared (`password.check_new`).
    """
    check_new(new, mine.person)
    attempts = [_prove_password(entrance, mine, place, old)]
    if _has_codes(entrance, mine):
        attempts.append(_attempt(entrance, mine, place, guesses.WRONG_CODE))
    with write(entrance.engine) as connection:
        values = {
            "password": hashed(new),
            "password_at": utc_now(),
            **_used(connection, entrance, mine, code),
        }
        connection.execute(update(account).where(account.c.person == mine.person).values(values))
        _succeed(connection, attempts)
        end_others(connection, mine)


def begin_codes(entrance: Entrance, mine: Session, place: Place, proof: str) -> None:
    """Begin to set up codes anew; `proof` is a code of now, or the password of who has no codes yet.

    Raises Refused (guesses_too_many, code_wrong, password_old_wrong).
    """
    if _has_codes(entrance, mine):
        attempt = _attempt(entrance, mine, place, guesses.WRONG_CODE)
    else:
        attempt = _prove_password(entrance, mine, place, proof)
    with write(entrance.engine) as connection:
        if values := _used(connection, entrance, mine, proof):
            own = account.c.person == mine.person
            connection.execute(update(account).where(own).values(values))
        _succeed(connection, [attempt])
        _pend(connection, mine, seal(entrance.keys, new_secret()))


def pending_secret(entrance: Entrance, mine: Session) -> str | None:
    """The new secret that waits for its first code; None where nothing was begun."""
    return unseal(entrance.keys, mine.pending) if mine.pending else None


def confirm_codes(entrance: Entrance, mine: Session, place: Place, code: str) -> None:
    """The new codes count from now on. Raises Refused (guesses_too_many, code_wrong)."""
    attempt = _attempt(entrance, mine, place, guesses.WRONG_CODE)
    secret = pending_secret(entrance, mine)
    step = step_of(secret, code, None) if secret else None
    if step is None:
        raise Refused(Issue("code_wrong"))
    with write(entrance.engine) as connection:
        values = {"code_secret": mine.pending, "code_step": step}
        connection.execute(update(account).where(account.c.person == mine.person).values(values))
        _succeed(connection, [attempt])
        _pend(connection, mine, None)
        end_others(connection, mine)


def end_others(connection: Connection, mine: Session) -> int:
    """End a person's sessions at other browsers; returns how many."""
    others = (session.c.person == mine.person) & (session.c.token != mine.token)
    values = {"ended_at": utc_now(), "ended_by": "own"}
    done = update(session).where(others, session.c.ended_at.is_(None)).values(values)
    return connection.execute(done).rowcount


def _attempt(entrance: Entrance, mine: Session, place: Place, kind: str) -> int:
    """Count an attempt as wrong before it is looked at; that is the hub's own upkeep and no act."""
    with nobody_acts(), write(entrance.engine) as connection:
        return guesses.begin(connection, mine.person, place.address, kind)


def _succeed(connection: Connection, attempts: list[int]) -> None:
    for one in attempts:
        guesses.succeed(connection, one)


def _prove_password(entrance: Entrance, mine: Session, place: Place, given: str) -> int:
    attempt = _attempt(entrance, mine, place, guesses.WRONG_PASSWORD)
    with look(entrance.engine) as connection:
        kept = connection.scalar(select(account.c.password).where(account.c.person == mine.person))
    if not matches(kept, given):
        raise Refused(Issue("password_old_wrong"))
    return attempt


def _used(connection: Connection, entrance: Entrance, mine: Session, code: str) -> dict[str, int]:
    """The column that says a code is used up; {} of who has no codes. Raises Refused (code_wrong)."""
    own = account.c.person == mine.person
    row = connection.execute(select(account).where(own).with_for_update()).one()
    if row.code_secret is None:
        return {}
    step = step_of(unseal(entrance.keys, row.code_secret), code, row.code_step)
    if step is None:
        raise Refused(Issue("code_wrong"))
    return {"code_step": step}


def _has_codes(entrance: Entrance, mine: Session) -> bool:
    with look(entrance.engine) as connection:
        own = account.c.person == mine.person
        return connection.scalar(select(account.c.code_secret).where(own)) is not None


def _pend(connection: Connection, mine: Session, sealed: str | None) -> None:
    own = session.c.token == mine.token
    connection.execute(update(session).where(own).values(pending=sealed))
