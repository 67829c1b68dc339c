"""How market subjects are classed, as data: dimensions, indicators, classes and warnings of one version.

A version is a YAML file (`credit/*.yml`, or one of a site's own); `docs/credit.md` explains its keys and
`credit_check` says what is wrong with one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from exchange_schemas.conditions import Condition
from exchange_schemas.standard import Field, Standard
from exchange_schemas.strict_yaml import read_strictly

FOLDER = Path(__file__).parent / "credit"
PACKAGED = FOLDER / "2026.1.yml"
FORM = FOLDER / "rules.schema.json"

DIMENSIONS = ("integrity", "industry", "region", "alert")
CLASSES = ("A", "B", "C", "D")  # the best first
LEVELS = ("提示", "警示", "限制")
FULL = 100  # points with which each dimension begins
REGISTER = "market_entity"  # who there is, where, and in which industry
#: Of the register also these may be asked: the division of today as 6 digits, and that of GB/T 4754 as 2.
DIVISION, INDUSTRY = "division", "industry_division"


@dataclass(frozen=True, slots=True)
class Title:
    """A name in both languages."""

    zh: str
    en: str

    def of(self, chinese: bool) -> str:
        """In one of them."""
        return self.zh if chinese else self.en


@dataclass(frozen=True, slots=True)
class Counts:
    """When a record counts; None of an indicator: as long as the record is there.

    It begins on the first of the dates `start` that there is, `after_months` later where that is given; it
    counts for `months` after that day, to a day of `at_least_until` where that is later, and to a day of
    `last_day` at most. On a day of `stops_on` it counts no more. The day from which a term of months is counted
    isn't part of it (Civil code, articles 201 and 202).
    """

    start: tuple[str, ...]
    after_months: int = 0
    months: int | None = None
    at_least_until: tuple[str, ...] = ()
    stops_on: tuple[str, ...] = ()
    last_day: tuple[str, ...] = ()

    @property
    def dates(self) -> tuple[str, ...]:
        """All fields that it asks for."""
        return (*self.start, *self.at_least_until, *self.stops_on, *self.last_day)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is taken off a dimension for each record that meets `when`, and at most for all of them.

    With `class_at_most` one such record leaves the subject in this class or a worse one.
    """

    id: str
    title: Title
    dimension: str
    dataset: str
    when: Condition
    points: int
    at_most: int
    class_at_most: str | None
    counts: Counts | None
    basis: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the four; weights are in hundredths of the total."""

    id: str
    weight: int
    title: Title


@dataclass(frozen=True, slots=True)
class Grade:
    """A class, which begins at a total of `least`."""

    name: str
    least: int
    title: Title


@dataclass(frozen=True, slots=True)
class WarningRule:
    """When a warning begins and how long it lasts: `when` asks for records of indicators, for a class, or for a
    dimension below some points."""

    id: str
    level: str
    title: Title
    when: Mapping[str, Any]
    measures: str
    basis: str
    verified: bool


@dataclass(frozen=True, slots=True)
class CreditRules:
    """One version. `text` is the file it was read from, `digest` its SHA-256."""

    version: str
    valid_from: date
    title: Title
    basis: tuple[str, ...]
    dimensions: tuple[Dimension, ...]
    grades: tuple[Grade, ...]
    leave_out: Condition
    indicators: tuple[Indicator, ...]
    warnings: tuple[WarningRule, ...]
    appeal_days: int
    appeal_basis: str
    text: str
    digest: str

    @property
    def datasets(self) -> tuple[str, ...]:
        """What is read, the register first."""
        return tuple(dict.fromkeys((REGISTER, *(one.dataset for one in self.indicators))))

    def indicator(self, name: str) -> Indicator:
        """By its id; raises KeyError."""
        return next(one for one in self.indicators if one.id == name)


def rules_of(told: Mapping[str, Any], text: str) -> CreditRules:
    """The version that a checked document says (`credit_check.read_rules`)."""
    appeals = told["appeals"]
    return CreditRules(
        version=told["version"],
        valid_from=date.fromisoformat(str(told["valid_from"])),
        title=_title(told),
        basis=tuple(told["basis"]),
        dimensions=tuple(Dimension(d["id"], d["weight"], _title(d)) for d in told["dimensions"]),
        grades=tuple(Grade(g["class"], g["from"], _title(g)) for g in told["classes"]),
        leave_out=told.get("leave_out") or [],
        indicators=tuple(map(_indicator, told["indicators"])),
        warnings=tuple(map(_warning, told["warnings"])),
        appeal_days=appeals["working_days"],
        appeal_basis=appeals["basis"],
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


@lru_cache(maxsize=16)
def load_rules(text: str) -> CreditRules:
    """The version of a text that was checked before; the packaged one and those of the database are."""
    return rules_of(plain(read_strictly(text)), text)


def packaged_rules() -> CreditRules:
    """The version that is delivered."""
    return load_rules(PACKAGED.read_text(encoding="utf-8"))


def plain(told: Any) -> Any:
    """A document of YAML as JSON has it: days are texts there."""
    return json.loads(json.dumps(told, default=str))


def fields_of(standard: Standard) -> Mapping[str, Field]:
    """What conditions may ask of a dataset's records: its fields, and two more of the register."""
    if standard.dataset != REGISTER:
        return standard.fields
    like = standard.fields["subject_name"]
    more = {name: replace(like, name=name) for name in (DIVISION, INDUSTRY)}
    return {**standard.fields, **more}


def _title(told: Mapping[str, Any]) -> Title:
    return Title(told["title"]["zh"], told["title"]["en"])


def _indicator(told: Mapping[str, Any]) -> Indicator:
    return Indicator(
        id=told["id"],
        title=_title(told),
        dimension=told["dimension"],
        dataset=told["dataset"],
        when=told.get("when") or {},
        points=told["points"],
        at_most=told.get("at_most", FULL),
        class_at_most=told.get("class_at_most"),
        counts=_counts(told["counts"]) if "counts" in told else None,
        basis=told["basis"],
        verified=told.get("verified", True),
    )


def _counts(told: Mapping[str, Any]) -> Counts:
    names = {
        key: tuple(told[key]) for key in ("at_least_until", "stops_on", "last_day") if key in told
    }
    return Counts(tuple(told["from"]), told.get("after_months", 0), told.get("months"), **names)


def _warning(told: Mapping[str, Any]) -> WarningRule:
    return WarningRule(
        told["id"], told["level"], _title(told), told["when"], told["measures"], told["basis"],
        told.get("verified", True),
    )  # fmt: skip
