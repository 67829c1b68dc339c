"""When a price is told as an alert: the rules as data, each version with the day from which it holds.

`law/price_alerts.yml`; a site's own file of that name replaces it as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from math import log1p
from pathlib import Path
from typing import Any

import yaml

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.law import LAW
from exchange_schemas.strict_yaml import read_strictly

FILE = "price_alerts.yml"
LEVELS = ("蓝", "黄", "橙", "红")
JUMP, TREND, START = KINDS = ("突发性", "倾向性", "苗头性")
PERIODS = ("日", "周", "旬", "月")


@dataclass(frozen=True, slots=True)
class Steps:
    """How far is looked, in steps of a period: days for 日, else as many weeks, thirds of a month, months.

    `base`: before now, whose median is the usual price, of which `least_in_base` are known. `confirm`: up to
    so many steps back the last report must say the same (1: this report is enough). `week`, `long`: of the
    slower movements. `recent`, looked at `every` so many, and `around` the same time of earlier `year`s: what
    is compared with, of which `least_history` are known. `carry`: how long a price that isn't reported is
    taken to be the last one. `quiet`: after so many without a signal an alert is over.
    """

    base: int
    least_in_base: int
    confirm: int
    week: int
    long: int
    recent: int
    every: int
    year: int
    around: int
    carry: int
    quiet: int
    least_history: int


@dataclass(frozen=True, slots=True)
class Level:
    """What a level takes: the logarithm of the change, and the score (robust standard deviations from the
    usual change), at least."""

    change: float
    score: float


@dataclass(frozen=True, slots=True)
class Movement:
    """A kind of movement: its levels, the lowest first; of a beginning, the logarithm of each week's change."""

    levels: Mapping[str, Level]
    each: float = 0.0


@dataclass(frozen=True, slots=True)
class PriceRules:
    """One version of the rules, in force from `valid_from` on."""

    version: str
    valid_from: date
    basis: str
    periods: Mapping[str, Steps]
    kinds: Mapping[str, Movement]
    years: int
    least_spread: float
    false_discovery: float
    tested: tuple[str, ...]
    issue_within_days: int
    back: float
    back_for: int


def rules_on(day: date, own: Path | None = None) -> PriceRules:
    """The version in force on a day; on days before the first, the first. Raises Misdeclared
    (price_rules_invalid)."""
    versions = load_price_rules(own)
    known = [one for one in versions if one.valid_from <= day]
    return known[-1] if known else versions[0]


def load_price_rules(own: Path | None = None) -> tuple[PriceRules, ...]:
    """All versions, the oldest first; those of the folder `own` where it has the file.

    Raises Misdeclared (price_rules_invalid).
    """
    path = own / FILE if own and (own / FILE).is_file() else LAW / FILE
    try:
        told = read_strictly(path.read_text(encoding="utf-8"))
        found = sorted((_rules(one) for one in told), key=lambda one: one.valid_from)
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _invalid(path, f"{type(error).__name__}: {error}"[:200]) from error
    if not found or len({one.valid_from for one in found}) < len(found):
        raise _invalid(path, "no version, or two that begin on one day")
    return tuple(found)


def _rules(told: Mapping[str, Any]) -> PriceRules:
    unknown = told.keys() - {one.name for one in fields(PriceRules)}
    periods = {name: Steps(**one) for name, one in told["periods"].items()}
    kinds = {name: _movement(one) for name, one in told["kinds"].items()}
    if unknown or set(periods) != set(PERIODS) or set(kinds) != set(KINDS):
        raise ValueError(f"unknown {sorted(unknown)}, or not all of {PERIODS} and {KINDS}")
    if min(value for one in periods.values() for value in _numbers(one)) < 1:
        raise ValueError("lengths are whole numbers from 1 on")
    if not isinstance(told["valid_from"], date):
        raise TypeError("valid_from is a day")
    rest = {**told, "periods": periods, "kinds": kinds, "tested": tuple(told["tested"])}
    return PriceRules(**rest)


def _movement(told: Mapping[str, Any]) -> Movement:
    levels = {name: _level(*told["levels"][name]) for name in LEVELS if name in told["levels"]}
    changes = [one.change for one in levels.values()]
    if not levels or len(levels) != len(told["levels"]) or changes != sorted(set(changes)):
        raise ValueError(f"levels are of {LEVELS}, each higher than the one before")
    return Movement(levels, log1p(told.get("each", 0) / 100))


def _level(change: float, score: float) -> Level:
    if change <= 0 or score < 0:
        raise ValueError("a level's change is above 0 and its score not below")
    return Level(log1p(change / 100), float(score))


def _numbers(one: Steps) -> list[int]:
    return [getattr(one, each.name) for each in fields(one)]


def _invalid(path: Path, reason: str) -> Misdeclared:
    return Misdeclared(Issue("price_rules_invalid", value=path.name, params={"reason": reason}))
