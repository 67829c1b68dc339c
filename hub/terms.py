"""Terms under way: begun and met by steps, reminded of before they end, escalated after that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import HERE
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.step_terms import StepTerm, load_step_terms, terms_on
from exchange_schemas.working_calendar import WorkingCalendar
from hub.instant import utc_now
from hub.site import Site
from hub.tables_of_terms import step_due

#: How long before its end a term is reminded of, by its unit.
AHEAD = {"hours": timedelta(hours=6), "days": timedelta(days=1), "working_days": timedelta(days=2)}


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms in force in a site, and the calendar by which they count."""

    every: tuple[StepTerm, ...]
    calendar: WorkingCalendar

    def named(self, rule: str) -> StepTerm | None:
        """The term that is called id@version, if there is one now."""
        return next((one for one in self.every if one.name == rule), None)


@dataclass(frozen=True, slots=True)
class Office:
    """Where acts are done: the site's database, files, standards and terms."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    terms: Terms


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was made: it may begin terms and meet others."""

    matter: str
    matter_id: int
    number: int
    procedure: str
    act: str
    at: str


def load_terms(site: Site, catalogue: Catalogue) -> Terms:
    """The terms of a site; raises Misdeclared (law_invalid)."""
    return Terms(load_step_terms(site.law), catalogue.law().calendar)


def office(site: Site, engine: Engine) -> Office:
    """Raises Misdeclared (law_invalid)."""
    catalogue = site.catalogue()
    return Office(site, engine, catalogue, load_terms(site, catalogue))


def follow(connection: Connection, terms: Terms, step: Step) -> None:
    """Meet the terms that a step ends, and begin those that it begins.

    Raises Refused (calendar_over): a duty whose end isn't known mustn't begin unnoticed.
    """
    meet(connection, terms, step)
    start = datetime.fromisoformat(step.at)
    begun = terms_on(terms.every, step.procedure, step.act, start.astimezone(HERE).date())
    rows = [due_row(step, one, start, terms.calendar) for one in begun]
    if rows:
        connection.execute(insert(step_due), rows)


def due_row(
    step: Step, one: StepTerm, start: datetime, calendar: WorkingCalendar
) -> dict[str, Any]:
    """The columns of a term that begins."""
    return {
        "matter": step.matter,
        "matter_id": step.matter_id,
        "step_number": step.number,
        "term": one.step,
        "rule": one.name,
        "owed_by": one.owed_by,
        "right_only": int(one.right),
        "begun_at": step.at,
        "due_at": as_text(one.end(start, calendar)),
    }


def meet(connection: Connection, terms: Terms, step: Step) -> None:
    """Mark the open terms that an act ends; terms of rules that are gone are ended by any act."""
    mine = (step_due.c.matter == step.matter) & (step_due.c.matter_id == step.matter_id)
    opened = select(step_due).where(mine, step_due.c.met_at.is_(None))
    for row in connection.execute(opened).mappings().all():
        rule = terms.named(row["rule"])
        if rule is None or step.act in rule.until:
            end_one(connection, row["id"], step.at)


def end_one(connection: Connection, number: int, at: str) -> None:
    """Mark one term met."""
    connection.execute(update(step_due).where(step_due.c.id == number).values(met_at=at))


def end_all(connection: Connection, matter: str, matter_id: int, at: str) -> None:
    """Nothing is owed any more."""
    mine = (step_due.c.matter == matter) & (step_due.c.matter_id == matter_id)
    connection.execute(update(step_due).where(mine, step_due.c.met_at.is_(None)).values(met_at=at))


def extend(connection: Connection, terms: Terms, row: RowMapping) -> str:
    """Extend an open term, as its rule allows, once and before it is over; returns its new end.

    Raises Refused (term_not_extended).
    """
    rule, over = terms.named(row["rule"]), row["due_at"] <= utc_now()
    if rule is None or not rule.extension or row["extended_at"] or over:
        raise Refused(Issue("term_not_extended", value=row["term"], params={"rule": row["rule"]}))
    due = as_text(rule.end(datetime.fromisoformat(row["begun_at"]), terms.calendar, extended=True))
    values = {"due_at": due, "extended_at": utc_now(), "reminded_at": None, "escalated_at": None}
    connection.execute(update(step_due).where(step_due.c.id == row["id"]).values(values))
    return due


def terms_of(connection: Connection, matter: str, matter_id: int) -> list[dict[str, Any]]:
    """The terms of a matter in order: `SHOWN`, with `overdue` as of now."""
    mine = (step_due.c.matter == matter) & (step_due.c.matter_id == matter_id)
    rows = connection.execute(select(step_due).where(mine).order_by(step_due.c.id)).mappings()
    now = utc_now()
    return [
        {**{name: row[name] for name in SHOWN}, "overdue": is_overdue(row, now)} for row in rows
    ]


SHOWN = ("term", "rule", "owed_by", "begun_at", "due_at", "extended_at", "met_at")


def is_overdue(row: Any, now: str) -> bool:
    """Whether a term ended unmet, or was met too late; a right never is."""
    return not row["right_only"] and (row["met_at"] or now) >= row["due_at"]


def owed(matter: str) -> ColumnElement[bool]:
    """A condition on `step_due`: the duties of a kind of matter that nobody met yet."""
    unmet = (step_due.c.matter == matter) & step_due.c.met_at.is_(None)
    return unmet & (step_due.c.right_only == 0)


def sweep(
    connection: Connection,
    terms: Terms,
    matter: str,
    tell: Callable[[Connection, RowMapping, str], None],
) -> dict[str, int]:
    """Remind of what ends soon, escalate duties that are over: each once. Returns {reminded, escalated}.

    `tell(connection, term, "remind" | "escalate")` notes who has to be told.
    """
    now, done = utc_now(), {"reminded": 0, "escalated": 0}
    for row in _untold(connection, matter, now):
        if row["due_at"] <= now:
            done["escalated"] += _once(connection, row, "escalated_at", "escalate", now, tell)
        elif row["due_at"] <= _ahead(terms, row, now):
            done["reminded"] += _once(connection, row, "reminded_at", "remind", now, tell)
    return done


def _untold(connection: Connection, matter: str, now: str) -> list[RowMapping]:
    """Open terms that are over or may end soon, and of which nobody was told, the most urgent first."""
    unmet = (step_due.c.matter == matter) & step_due.c.met_at.is_(None)
    over = (step_due.c.due_at <= now) & (step_due.c.right_only == 0)
    latest = as_text(datetime.fromisoformat(now) + max(AHEAD.values()))
    soon = (step_due.c.due_at > now) & (step_due.c.due_at <= latest)
    untold = (over & step_due.c.escalated_at.is_(None)) | (soon & step_due.c.reminded_at.is_(None))
    query = select(step_due).where(unmet, untold).order_by(step_due.c.due_at, step_due.c.id)
    return list(connection.execute(query).mappings())


def _once(
    connection: Connection,
    row: RowMapping,
    column: str,
    how: str,
    now: str,
    tell: Callable[[Connection, RowMapping, str], None],
) -> int:
    # Somebody may have met or extended it since it was read.
    same = (step_due.c.id == row["id"]) & (step_due.c.due_at == row["due_at"])
    free = same & step_due.c.met_at.is_(None) & step_due.c[column].is_(None)
    if connection.execute(update(step_due).where(free).values({column: now})).rowcount == 0:
        return 0
    tell(connection, row, how)
    return 1


def _ahead(terms: Terms, row: RowMapping, now: str) -> str:
    rule = terms.named(row["rule"])
    return as_text(datetime.fromisoformat(now) + AHEAD[rule.unit if rule else "days"])


def as_text(moment: datetime) -> str:
    """An instant as the tables keep it."""
    told = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def day_of(at: str) -> str:
    """The day here of an instant."""
    return datetime.fromisoformat(at).astimezone(HERE).date().isoformat()


def shown(at: str) -> str:
    """An instant as people here read it, e.g. 2026-11-27 00:00."""
    return datetime.fromisoformat(at).astimezone(HERE).strftime("%Y-%m-%d %H:%M")
