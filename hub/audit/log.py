"""Writing and reading the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)

from exchange_schemas.days import HERE
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.audit.chain import ORIGIN, digest_of
from hub.audit.tables import LEAST_DAYS, audit_entry, audit_head
from hub.instant import instant_of, utc_now

DONE, REFUSED = "done", "refused"
CONSOLE, COMMAND = "console", "command"
_LAST = "\U0010ffff"  # no text goes on with it
_LONGEST = {"person": 64, "act": 96, "subject": 400, "address": 64}  # characters that are kept


@dataclass(frozen=True, slots=True)
class Entry:
    """What is noted. `details` says which, how many and why; a record's content doesn't belong there."""

    person: str | None
    act: str
    subject: str | None = None
    outcome: str = DONE
    way: str = CONSOLE
    address: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def append(connection: Connection, entry: Entry) -> int:
    """Note an act in the caller's transaction, which fails with it; returns the entry's number.

    To be called last: from here on nobody else can note anything until the transaction ends.
    """
    number, before = _end(connection)
    row: dict[str, Any] = {
        "number": number + 1,
        "at": utc_now(),
        "person": entry.person,
        "act": entry.act,
        "subject": entry.subject,
        "outcome": entry.outcome,
        "way": entry.way,
        "address": entry.address,
        "details": orjson.dumps(
            dict(entry.details), option=orjson.OPT_SORT_KEYS, default=str
        ).decode(),
    }
    row |= {name: row[name][:most] for name, most in _LONGEST.items() if row[name]}
    digest = digest_of(before, row)
    connection.execute(insert(audit_entry).values(**row, before=before, digest=digest))
    connection.execute(update(audit_head).values(number=number + 1, digest=digest))
    return number + 1


def _end(connection: Connection) -> tuple[int, bytes]:
    """The last number and its digest; nobody else adds one before this transaction ends."""
    found = connection.execute(select(audit_head).with_for_update()).one_or_none()
    if found is None:
        row = {"id": 1, "number": 0, "digest": ORIGIN, "first": 1, "first_before": ORIGIN}
        made = insert(audit_head).from_select(
            list(row), select(*_literals(row)).where(~select(audit_head).exists())
        )
        connection.execute(made)
        found = connection.execute(select(audit_head).with_for_update()).one()
    return int(found.number), bytes(found.digest)


def _literals(row: Mapping[str, Any]) -> list[Any]:
    return [literal(value, audit_head.c[name].type) for name, value in row.items()]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody looks for; `subject` is how it begins, `below` goes on from a number, newest
    first. Days are ISO, and the departments'."""

    person: str | None = None
    act: str | None = None
    subject: str | None = None
    since: str | None = None
    until: str | None = None
    outcome: str | None = None
    below: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """The condition on `audit_entry`."""
        c = audit_entry.c
        parts = [c.number > 0]
        parts += [c[name] == value for name, value in self._same() if value]
        if self.subject:
            parts += [c.subject >= self.subject, c.subject < self.subject + _LAST]
        if self.since:
            parts.append(c.at >= _begin(self.since))
        if self.until:
            parts.append(c.at < _begin(self.until, 1))
        if self.below:
            parts.append(self._before(self.below) if self.by_time else c.number < self.below)
        return and_(*parts)

    @property
    def by_time(self) -> bool:
        """Whether the index of time finds them, and so gives their order: the same, but for clocks that
        were put back."""
        return bool(self.since or self.until)

    def order(self) -> tuple[ColumnElement[Any], ...]:
        """Newest first."""
        number = audit_entry.c.number.desc()
        return (audit_entry.c.at.desc(), number) if self.by_time else (number,)

    def _before(self, number: int) -> ColumnElement[bool]:
        c, last = audit_entry.c, audit_entry.alias()
        at = select(last.c.at).where(last.c.number == number).scalar_subquery()
        return or_(c.at < at, and_(c.at == at, c.number < number))

    def _same(self) -> tuple[tuple[str, str | None], ...]:
        return (("person", self.person), ("act", self.act), ("outcome", self.outcome))


def entries(connection: Connection, wanted: Wanted, limit: int = 50) -> list[dict[str, Any]]:
    """The entries of `FIELDS` with `digest` (hex), newest first; `details` as an object."""
    # By their numbers: those of a subject are found, and put in order, in its index alone.
    numbers = select(audit_entry.c.number).where(wanted.condition())
    numbers = numbers.order_by(*wanted.order()).limit(limit)
    query = select(audit_entry).where(audit_entry.c.number.in_(numbers)).order_by(*wanted.order())
    return [told_of(row) for row in connection.execute(query).mappings()]


def told_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """An entry's row as `entries` gives it."""
    kept = {name: value for name, value in row.items() if name not in ("before", "digest")}
    details = orjson.loads(row["details"])
    return {**kept, "details": details, "digest": bytes(row["digest"]).hex()}


def forget(connection: Connection, days: int) -> int:
    """Delete entries older than `days`; returns how many. The rest of the chain can still be verified.

    Raises Misdeclared (audit_days_few) for fewer than `LEAST_DAYS`, which the database refuses as well.
    """
    if days < LEAST_DAYS:
        raise Misdeclared(
            Issue("audit_days_few", value=str(days), params={"least": str(LEAST_DAYS)})
        )
    _end(connection)
    old = audit_entry.c.at < instant_of(datetime.now(UTC) - timedelta(days=days))
    last = select(audit_entry).where(old).order_by(audit_entry.c.number.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    if row is None:
        return 0
    gone = connection.execute(delete(audit_entry).where(audit_entry.c.number <= row.number))
    kept = {"first": row.number + 1, "first_before": bytes(row.digest)}
    connection.execute(update(audit_head).values(**kept))
    return gone.rowcount


def _begin(day: str, later: int = 0) -> str:
    """When a day, or one some days later, begins where the departments are."""
    began = datetime.combine(date.fromisoformat(day[:10]), time(), HERE)
    return instant_of(began + timedelta(days=later))
