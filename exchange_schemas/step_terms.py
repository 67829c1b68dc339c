"""Terms of procedures between departments: by when the next act is due, and whose duty it is.

The packaged rules are `law/steps.yml`; a site's own file of that name replaces those whose id it has,
or adds further ones. Days here are Shanghai's, instants are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

import polars as pl

from exchange_schemas.days import HERE
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law import LAW
from exchange_schemas.law_reading import invalid, read_rules
from exchange_schemas.law_rules import Rule
from exchange_schemas.working_calendar import WorkingCalendar

STEPS = "steps.yml"
UNITS = ("hours", "days", "working_days")
LONGEST_ROLL = 30  # days: longer than any run of days that aren't worked


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTerm(Rule):
    """A term of `amount` `unit` from one of the acts `on` to one of the acts `until`.

    `procedure`: transfer, or a kind of ticket; `step` names the term; `owed_by` is a side. A `right`
    lapses at its end instead of being overdue. `extension`: by how much it may be extended, once.
    `verified`: the article was read in the text of the rule.
    """

    procedure: str
    step: str
    on: tuple[str, ...]
    until: tuple[str, ...]
    owed_by: str
    amount: int
    unit: str
    verified: bool = False
    right: bool = False
    extension: int = 0

    def end(self, start: datetime, calendar: WorkingCalendar, extended: bool = False) -> datetime:
        """The first instant (UTC) at which the term, begun at `start`, is over.

        Hours run on. Days end at midnight in Shanghai; a last calendar day that isn't worked moves to
        the next that is. Raises Refused (calendar_over).
        """
        amount = self.amount + (self.extension if extended else 0)
        if self.unit == "hours":
            return start.astimezone(UTC) + timedelta(hours=amount)
        day = start.astimezone(HERE).date()
        last = self._last_day(day, amount, calendar)
        if last is None:
            words = {"day": day.isoformat(), "last": calendar.last.isoformat()}
            raise Refused(Issue("calendar_over", value=self.name, params=words))
        return datetime.combine(last + timedelta(days=1), time(), HERE).astimezone(UTC)

    def _last_day(self, day: date, amount: int, calendar: WorkingCalendar) -> date | None:
        if self.unit == "working_days":
            found: date | None = calendar.add(pl.Series([day], dtype=pl.Date), amount)[0]
            return found
        last = day + timedelta(days=amount)
        for later in range(LONGEST_ROLL):
            worked = calendar.is_worked(last + timedelta(days=later))
            if worked is not False:  # worked, or beyond the calendar
                return last + timedelta(days=later) if worked else None
        return None


def load_step_terms(own: Path | None = None) -> tuple[StepTerm, ...]:
    """The packaged terms under a site's `own` folder of law, which need not exist.

    Raises Misdeclared (law_invalid).
    """
    paths = [LAW / STEPS, *([own / STEPS] if own else [])]
    return _load(tuple(paths), tuple(_stamp(path) for path in paths))


def terms_on(
    terms: tuple[StepTerm, ...], procedure: str, act: str, day: date
) -> tuple[StepTerm, ...]:
    """The terms that an act begins on a day."""
    return tuple(
        one
        for one in terms
        if one.enabled and one.procedure == procedure and act in one.on and one.valid_on(day)
    )


@lru_cache(maxsize=8)
def _load(paths: tuple[Path, ...], _stamps: tuple[tuple[int, int], ...]) -> tuple[StepTerm, ...]:
    files = [read_rules(path, StepTerm) for path in paths]
    for path, rules in zip(paths, files, strict=True):
        for rule in rules:
            _check(path, rule)
    replaced = {rule.id for rules in files[1:] for rule in rules}
    packaged = [rule for rule in files[0] if rule.id not in replaced]
    return tuple(packaged + [rule for rules in files[1:] for rule in rules])


def _check(path: Path, rule: StepTerm) -> None:
    """Raises Misdeclared (law_invalid) for what a term can't be."""
    if rule.unit not in UNITS:
        known = ", ".join(UNITS)
        raise invalid(path, rule.name, f"unit is one of {known}", f"unit 应为 {known} 之一")
    for name in ("amount", "extension"):
        value = getattr(rule, name)
        if type(value) is not int or not 0 <= value <= 1000:
            raise invalid(path, rule.name, f"{name} is a number up to 1000", f"{name} 应为整数")
    if {type(rule.verified), type(rule.right)} != {bool}:
        words = "verified and right are true or false", "verified 和 right 应为 true 或 false"
        raise invalid(path, rule.name, *words)


def _stamp(path: Path) -> tuple[int, int]:
    state = path.stat() if path.is_file() else None
    return (state.st_mtime_ns, state.st_size) if state else (0, -1)
