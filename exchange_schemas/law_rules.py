"""Rules of law as values: terms, what may never be published, and the settings beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import orjson

from exchange_schemas.calendar_reading import CalendarDay, working_calendar
from exchange_schemas.conditions import Condition
from exchange_schemas.working_calendar import WorkingCalendar

#: What a clock rule may be about. The last three aren't terms: `severity` derives a record's class,
#: `repair_never` names records that are never repaired early, `repair_minimum` the least term before.
CLOCK_KINDS = (
    "publish_by", "push_by", "withdraw_by", "public_until", "answer_by", "consent_by",
    "report_by", "repair_decide_by", "repair_minimum", "severity", "repair_never",
)  # fmt: skip
UNITS = ("working_days", "days", "months", "years", "day_of_next_month")
AS_OF, EVENT, PUBLISHED_ON = "as_of", "event", "published_on"


@dataclass(frozen=True, slots=True)
class Rule:
    """What every rule has. `datasets`: empty for all; `when`: the records for which it holds.

    `basis` is the law and its article, `source` an id of `references.csv`; a `configured` rule is
    the hub's own, where the law leaves it open. A rule that isn't `enabled` doesn't count.
    """

    id: str
    version: str
    datasets: tuple[str, ...]
    when: Condition
    valid_from: date | None
    valid_to: date | None
    basis: str
    basis_en: str
    source: str
    configured: bool = False
    enabled: bool = True

    @property
    def name(self) -> str:
        """id@version, as decisions name the rule that they followed."""
        return f"{self.id}@{self.version}"

    def speaks_of(self, dataset: str) -> bool:
        """Whether the rule is about a dataset at all."""
        return self.enabled and (not self.datasets or dataset in self.datasets)

    def valid_on(self, day: date) -> bool:
        """Whether the rule is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ClockRule(Rule):
    """A term: `amount` of `unit` from the first filled field of `start` on.

    `start` may be as_of (the record's date), published_on or event. `later`, `sooner`: fields whose
    day ends the term instead where it is later resp. sooner. Of the rules of one `frame` the first
    that holds counts. `severity` limits a rule to one class, or is the class that it gives. A
    `fallback` counts where no other rule gives a day.
    """

    kind: str = "publish_by"
    start: tuple[str, ...] = (AS_OF,)
    amount: int | None = None
    unit: str | None = None
    later: tuple[str, ...] = ()
    sooner: tuple[str, ...] = ()
    frame: str = ""
    severity: str | None = None
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class NeverRule(Rule):
    """Records for which `when` holds may not be published, on days on which the rule is valid."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the law leaves to provinces and sites.

    `low_fine_yuan`: the highest fine that is 较低数额, `huge_fine_yuan`: the lowest that is 巨额; None
    where nobody said, and then no fine is. `choice`: shorter, longer or the id of a rule, where two
    rules give different ends. `objection_mark`: whether a record under objection says so in public.
    `calendar_alarm_days`: how long before its end the calendar gives a warning. `home_province`: the
    division code of the province whose parties are its own. `grant_review_days`, `grant_answer_days`:
    working days for a first look at an application for data, and for the answer.
    """

    low_fine_yuan: Decimal | None
    huge_fine_yuan: Decimal | None
    choice: str
    objection_mark: bool
    calendar_alarm_days: int
    home_province: str
    grant_review_days: int
    grant_answer_days: int


@dataclass(frozen=True, eq=False)
class Law:
    """Every rule, in the order in which they count, the settings, and the days of the calendar."""

    clocks: tuple[ClockRule, ...]
    never: tuple[NeverRule, ...]
    settings: Settings
    days: tuple[CalendarDay, ...] = ()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The working days by which its terms are counted."""
        return working_calendar(self.days)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of all of its content: rules, settings and days."""
        told: Mapping[str, Any] = {
            "clocks": [asdict(rule) for rule in self.clocks],
            "never": [asdict(rule) for rule in self.never],
            "settings": asdict(self.settings),
            "days": [asdict(day) for day in self.days],
        }
        return hashlib.sha256(orjson.dumps(told, str, orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def name(self) -> str:
        """law@ and the beginning of the digest: short enough to be shown and stored."""
        return f"law@{self.digest[:16]}"

    def clocks_for(self, kind: str, dataset: str) -> list[ClockRule]:
        """The enabled rules of a kind that speak of a dataset, in the order in which they count."""
        return [rule for rule in self.clocks if rule.kind == kind and rule.speaks_of(dataset)]

    def rule(self, name: str) -> Rule | None:
        """The rule that is called id@version, if there is one now."""
        every: tuple[Rule, ...] = (*self.clocks, *self.never)
        return next((rule for rule in every if rule.name == name), None)
