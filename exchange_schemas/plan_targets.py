"""The targets of the city's plan, as data: `plan/targets.yml`, with the plan's own words and what measures
each (`exchange_schemas.plan_query`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.strict_yaml import read_strictly

_FORMS = {
    "title": "{zh: …, en: …}",
    "sub_plan": "a text",
    "place": "a text",
    "says": "a text",
    "departments": "a list of departments, the accountable one first",
    "unit": "a text",
    "measure": "a measure",
}


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be reached by the end of a day."""

    by: date
    value: float


@dataclass(frozen=True, slots=True)
class Target:
    """One target. `steps` in the order of their days; or `each`: what every period is to have. `measure` is
    the declaration that `read_query` reads; `assumes_…` is how something is read that the plan leaves open."""

    id: str
    title_zh: str
    title_en: str
    sub_plan: str
    place: str
    says: str
    departments: tuple[str, ...]
    unit: str
    steps: tuple[Step, ...]
    each: float | None
    measure: Any
    assumes_zh: str | None = None
    assumes_en: str | None = None

    @property
    def accountable(self) -> str:
        """Of several departments the first: 方案中涉及多个部门牵头的,以排在第一的部门为主."""
        return self.departments[0]


@dataclass(frozen=True, slots=True)
class Quote:
    """The plan's own words, and the sub-plan that has them."""

    sub_plan: str
    text: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A matter on which the plan says two things, and how it is treated here."""

    id: str
    title_zh: str
    title_en: str
    says: tuple[Quote, ...]
    treated_zh: str
    treated_en: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it; `begun` is the day of the plan, from which progress counts."""

    title: str
    begun: date
    targets: Mapping[str, Target]
    contradictions: Mapping[str, Contradiction]

    def target(self, name: str) -> Target:
        """One target; raises Misdeclared (plan_target_unknown)."""
        if name not in self.targets:
            words = {"expected": ", ".join(self.targets)}
            raise Misdeclared(Issue("plan_target_unknown", value=name, params=words))
        return self.targets[name]

    @property
    def sub_plans(self) -> tuple[str, ...]:
        """The sub-plans that have targets, in the order of these."""
        return tuple(dict.fromkeys(one.sub_plan for one in self.targets.values()))

    def contradictions_of(self, name: str) -> list[Contradiction]:
        """Those that concern a target."""
        return [one for one in self.contradictions.values() if name in one.targets]


@cache
def the_plan() -> Plan:
    """The packaged targets; raises as `read_plan`."""
    place = files("exchange_schemas").joinpath("plan").joinpath("targets.yml")
    return read_plan(place.read_text(encoding="utf-8"))


def read_plan(text: str) -> Plan:
    """The plan in a YAML document; raises Misdeclared (plan_target_invalid, plan_target_unknown)."""
    told = read_strictly(text)
    targets = {name: _target(name, said) for name, said in told["targets"].items()}
    rows = told.get("contradictions", {})
    contradictions = {name: _contradiction(name, said) for name, said in rows.items()}
    plan = Plan(told["plan"], told["begun"], targets, contradictions)
    for one in contradictions.values():
        for name in one.targets:
            plan.target(name)
    return plan


def _target(name: str, told: Mapping[str, Any]) -> Target:
    for word, form in _FORMS.items():
        if not told.get(word):
            raise _invalid(name, word, form)
    if ("steps" in told) == ("each" in told):
        raise _invalid(name, "steps", "steps (day: value) or each (value of every period)")
    title = _both(name, "title", told["title"])
    assumes = _both(name, "assumes", told["assumes"]) if "assumes" in told else (None, None)
    return Target(
        id=name,
        title_zh=title[0],
        title_en=title[1],
        sub_plan=told["sub_plan"],
        place=told["place"],
        says=told["says"],
        departments=tuple(told["departments"]),
        unit=told["unit"],
        steps=_steps(name, told.get("steps", {})),
        each=told.get("each"),
        measure=told["measure"],
        assumes_zh=assumes[0],
        assumes_en=assumes[1],
    )


def _steps(name: str, told: Mapping[Any, Any]) -> tuple[Step, ...]:
    for day, value in told.items():
        if not isinstance(day, date) or not isinstance(value, int | float):
            raise _invalid(name, f"steps: {day}: {value}", "a day (2015-12-31) and a number")
    return tuple(Step(day, float(value)) for day, value in sorted(told.items()))


def _contradiction(name: str, told: Mapping[str, Any]) -> Contradiction:
    title, treated = _both(name, "title", told["title"]), _both(name, "treated", told["treated"])
    says = []
    for one in told["says"]:
        if set(one) != {"sub_plan", "quote"}:
            raise _invalid(name, f"says: {one}", "{sub_plan: …, quote: …}")
        says.append(Quote(one["sub_plan"], one["quote"]))
    return Contradiction(name, *title, tuple(says), *treated, tuple(told["targets"]))


def _both(name: str, word: str, told: Any) -> tuple[str, str]:
    """A text in both languages. A comma that YAML takes for the next key is told, too."""
    if not isinstance(told, Mapping) or set(told) != {"zh", "en"} or not all(told.values()):
        raise _invalid(name, f"{word}: {told}", "{zh: …, en: …}")
    return told["zh"], told["en"]


def _invalid(target: str, value: str, expected: str) -> Misdeclared:
    words = {"target": target, "expected": expected}
    return Misdeclared(Issue("plan_target_invalid", value=value, params=words))
