"""Signing in: a password, then a one-time code; and who it is that asks, request by request.

Every sign-in, wrong or right, is in the audit log, in the transaction that counts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.accounts import guesses, sessions
from hub.accounts.one_time_code import new_secret, step_of
from hub.accounts.password import hashed, is_outdated, matches
from hub.accounts.sealing import seal, unseal
from hub.accounts.sessions import CODE, ENROL, Place, Session
from hub.accounts.sessions import OPEN as ENTERED
from hub.accounts.tables import OPEN, account, session
from hub.audit.log import DONE, REFUSED, Entry, append
from hub.database import look, write
from hub.instant import utc_now

EVERYONE, OF_OFFICES, NOBODY = "everyone", "offices", "nobody"  # who needs one-time codes


@dataclass(frozen=True, slots=True)
class Rules:
    """The site's rules: hours until a session is over, minutes without a sign of life, who needs codes, and
    who signs in with a password: the three offices alone, where an identity provider vouches for others."""

    hours: float = 12
    idle_minutes: float = 30
    codes: str = EVERYONE
    passwords: str = EVERYONE

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Rules:
        """From HUB_CONSOLE_SESSION_HOURS, …_IDLE_MINUTES, …_CODE_REQUIRED and …_OIDC_ISSUER; raises
        Misdeclared (console_setting_wrong)."""
        names = ("HUB_CONSOLE_SESSION_HOURS", "HUB_CONSOLE_IDLE_MINUTES")
        hours, minutes = (_positive(environ, n, d) for n, d in zip(names, (12, 30), strict=True))
        codes = environ.get("HUB_CONSOLE_CODE_REQUIRED") or EVERYONE
        if codes not in (EVERYONE, OF_OFFICES, NOBODY):
            raise _wrong("HUB_CONSOLE_CODE_REQUIRED", codes)
        passwords = OF_OFFICES if environ.get("HUB_CONSOLE_OIDC_ISSUER") else EVERYONE
        return cls(hours, minutes, codes, passwords)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where people come in: the site's database, its folder of keys, and its rules."""

    engine: Engine
    keys: Path
    rules: Rules


def sign_in(entrance: Entrance, person: str, password: str, place: Place) -> str:
    """The token of a new session, at the stage `code`, `enrol` or `open`.

    Raises Refused: guesses_too_many, sign_in_wrong (whatever of both is wrong, in the same time).
    """
    with look(entrance.engine) as connection:
        guesses.check(connection, person, place.address)
        query = select(account).where(account.c.person == person, account.c.state == OPEN)
        row = connection.execute(query).one_or_none()
    with write(entrance.engine) as connection:
        attempt = guesses.begin(connection, person, place.address, guesses.WRONG_PASSWORD)
    right = matches(row.password if row else None, password)
    may = row is not None and (row.office is not None or entrance.rules.passwords == EVERYONE)
    if row is None or not right or not may:
        _note_refusal(entrance, person, place, "password")
        raise Refused(Issue("sign_in_wrong"))
    with write(entrance.engine) as connection:
        guesses.succeed(connection, attempt)
        if is_outdated(row.password):
            mine = account.c.person == person
            connection.execute(update(account).where(mine).values(password=hashed(password)))
        stage = _stage(entrance.rules, row.office, row.code_secret)
        return _enter(connection, entrance, person, stage, place)


def enter_by_identity(entrance: Entrance, person: str, place: Place) -> str:
    """The token of an open session for whom an identity provider vouches.

    Raises Refused: account_not_here, where there is no open account of that name; account_by_password for
    the three offices: whoever runs the provider could be all three of them.
    """
    with write(entrance.engine) as connection:
        mine = (account.c.person == person) & (account.c.state == OPEN)
        row = connection.execute(select(account.c.office).where(mine)).one_or_none()
        if row is not None and row.office is None:
            return _enter(connection, entrance, person, ENTERED, place)
    _note_refusal(entrance, person, place, "identity")
    code = "account_not_here" if row is None else "account_by_password"
    raise Refused(Issue(code, value=person))


def offer_secret(entrance: Entrance, found: Session) -> str:
    """The secret that a person who sets up one-time codes is offered; the same until it is confirmed."""
    if found.pending:
        return unseal(entrance.keys, found.pending)
    secret = new_secret()
    with write(entrance.engine) as connection:
        mine = session.c.token == found.token
        values = {"pending": seal(entrance.keys, secret)}
        connection.execute(update(session).where(mine).values(values))
    return secret


def confirm(entrance: Entrance, found: Session, code: str, place: Place) -> str:
    """The second step; returns the token of the open session that takes the place of `found`.

    Raises Refused: guesses_too_many, code_wrong (also for a code that was used), code_secret_unreadable.
    """
    with write(entrance.engine) as connection:
        attempt = guesses.begin(connection, found.person, place.address, guesses.WRONG_CODE)
    with write(entrance.engine) as connection:
        if _code_counts(connection, entrance, found, code):
            guesses.succeed(connection, attempt)
            sessions.end(connection, found.token, "over")
            return _enter(connection, entrance, found.person, ENTERED, place)
    _note_refusal(entrance, found.person, place, "code")
    raise Refused(Issue("code_wrong"))


def who(entrance: Entrance, token: str, place: Place) -> Session | None:
    """The session of a request; None where there is none, or it just ended.

    One that is used from elsewhere ends for both: somebody has the token who shouldn't.
    """
    with look(entrance.engine) as connection:
        looked = sessions.look_up(connection, token)
    if looked is None:
        return None
    found, began, ends_at = looked
    why = _over(entrance.rules, found, began, ends_at, place)
    if why is None:
        return found
    with write(entrance.engine) as connection:
        sessions.end(connection, found.token, why)
        if why == "elsewhere":
            details = {"began": began.address, "why": why}
            _note(connection, found.person, "session.end", place, REFUSED, details)
    return None


def leave(entrance: Entrance, found: Session, place: Place) -> None:
    """Sign out."""
    with write(entrance.engine) as connection:
        sessions.end(connection, found.token, "signed_out")
        _note(connection, found.person, "session.leave", place)


def _stage(rules: Rules, office: str | None, secret: str | None) -> str:
    if secret is not None:
        return CODE
    needed = rules.codes == EVERYONE or (rules.codes == OF_OFFICES and office is not None)
    return ENROL if needed else ENTERED


def _enter(
    connection: Connection, entrance: Entrance, person: str, stage: str, place: Place
) -> str:
    token = sessions.begin(connection, person, stage, place, entrance.rules.hours)
    if stage == ENTERED:
        _note(connection, person, "session.enter", place)
    return token


def _code_counts(connection: Connection, entrance: Entrance, found: Session, code: str) -> bool:
    """Whether it is the person's code of now, which is used up by that."""
    mine = account.c.person == found.person
    row = connection.execute(select(account).where(mine).with_for_update()).one()
    sealed = found.pending if found.stage == ENROL else row.code_secret
    if sealed is None:
        return False
    step = step_of(unseal(entrance.keys, sealed), code, row.code_step)
    if step is None:
        return False
    values = {"code_step": step, "code_secret": sealed}
    connection.execute(update(account).where(mine).values(values))
    return True


def _over(rules: Rules, found: Session, began: Place, ends_at: str, place: Place) -> str | None:
    if place != began:
        return "elsewhere"
    if ends_at <= utc_now():
        return "over"
    return "idle" if sessions.is_idle(found, rules.idle_minutes) else None


def _note_refusal(entrance: Entrance, person: str, place: Place, what: str) -> None:
    with write(entrance.engine) as connection:
        _note(connection, person, "session.enter", place, REFUSED, {"wrong": what})


def _note(
    connection: Connection,
    person: str,
    act: str,
    place: Place,
    outcome: str = DONE,
    details: Mapping[str, str] | None = None,
) -> None:
    entry = Entry(person, act, None, outcome, address=place.address, details=details or {})
    append(connection, entry)


def _positive(environ: Mapping[str, str], name: str, usual: float) -> float:
    text = environ.get(name) or str(usual)
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 24 * 31:
        raise _wrong(name, text)
    return value


def _wrong(name: str, text: str) -> Misdeclared:
    return Misdeclared(Issue("console_setting_wrong", value=text, params={"name": name}))
