"""A standard's `checks:` — what its fields must have to do with each other, beyond JSON Schema.

Each check compiles to rules as the schema's keywords do (`consistency_rules`), so they are judged in
the same pass. `agrees` and `exists` look into another dataset; the hub does that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from exchange_schemas import check_options as options
from exchange_schemas import consistency_rules as rules
from exchange_schemas.check_options import OfKind, Option
from exchange_schemas.compiler import Rule
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard

Told = Mapping[str, Any]
Find = Callable[[str], Standard | None]


@dataclass(frozen=True, slots=True)
class Check:
    """`build` gives the rules; None: the check looks into another dataset."""

    needed: Mapping[str, Option]
    build: Callable[[Told, Standard, date], Iterator[Rule]] | None
    optional: Mapping[str, Option] = field(default_factory=dict)


DAY, TEXT, AMOUNT, LIST = OfKind("day"), OfKind("text"), OfKind("amount"), OfKind("list")
ANY, DAYS, AMOUNTS = OfKind("any"), OfKind("day", least=2), OfKind("amount", least=2)

CHECKS: dict[str, Check] = {
    "date_order": Check({"fields": DAYS}, rules.date_order),
    "amount_in_text": Check(
        {"amount": AMOUNT, "text": TEXT, "words": options.words}, rules.amount_in_text
    ),
    "amount_order": Check({"fields": AMOUNTS}, rules.amount_order),
    "amount_needs_kind": Check(
        {"amount": AMOUNT, "kinds": LIST, "any": options.words}, rules.amount_needs_kind
    ),
    "within_working_days": Check(
        {"from": DAY, "to": DAY, "days": options.count}, rules.within_working_days
    ),
    "overdue": Check({"since": DAY, "years": options.count}, rules.overdue, {"unless": ANY}),
    "code_starts": Check({"code": TEXT, "starts": options.words}, rules.code_starts),
    "department_known": Check({"name": TEXT}, rules.department_known, {"code": TEXT}),
    "agrees": Check({"dataset": options.dataset, "on": options.same, "same": options.same}, None),
    "exists": Check({"dataset": options.dataset, "on": options.same}, None),
}
_EVERYWHERE: Mapping[str, Option] = {"when": options.conditions}


def checks_of(standard: Standard) -> list[Told]:
    """The checks as declared. YAML takes a bare `on` for true, so that is `on` again here."""
    bare: Any = True
    return [{"on" if k is bare else k: v for k, v in told.items()} for told in standard.checks]


def consistency_rules(standard: Standard, today: date) -> list[Rule]:
    """The rules of all checks within one record, as far as this version has their fields."""
    found: list[Rule] = []
    for told in checks_of(standard):
        check = CHECKS.get(told["check"])
        if (
            check is None
            or check.build is None
            or set(_fields(check, told)) - standard.fields.keys()
        ):
            continue
        built = check.build(told, standard, today)
        found += [_guarded(rule, told.get("when"), standard) for rule in built]
    return found


def lookups(standard: Standard) -> list[Told]:
    """The checks that look into another dataset, as far as this version has their fields."""
    return [
        told
        for told in checks_of(standard)
        if told["check"] in CHECKS
        and CHECKS[told["check"]].build is None
        and not set(_fields(CHECKS[told["check"]], told)) - standard.fields.keys()
    ]


def _guarded(rule: Rule, when: Mapping[str, list[Any]] | None, standard: Standard) -> Rule:
    failed = rule.failed.fill_null(value=False)
    for name, values in (when or {}).items():
        failed &= rules.has_one(name, values, standard).fill_null(value=False)
    return replace(rule, failed=failed, beyond=True)


def check_consistency(standard: Standard, find: Find | None = None) -> Iterator[Issue]:
    """Issues of the checks' declarations; those of an earlier version aren't looked at.

    `find` gives another dataset's standard, or None where there is none; without it other datasets
    aren't asked for.
    """
    if standard.version != standard.versions[-1]:
        return
    for told in checks_of(standard):
        name = told["check"]
        check = CHECKS.get(name) if isinstance(name, str) else None
        if check is None:
            words = {"place": standard.dataset, "known": ", ".join(CHECKS)}
            yield Issue("check_unknown", value=str(name), params=words)
            continue
        found = list(_options(standard, name, check, told))
        yield from found
        if not found and find is not None and "dataset" in check.needed:
            yield from _other(standard, name, told, find)


def _options(standard: Standard, name: str, check: Check, told: Told) -> Iterator[Issue]:
    known = {**check.needed, **check.optional, **_EVERYWHERE}
    given = told.keys() - {"check"}
    for option in sorted(map(str, check.needed.keys() - given)):
        yield _option(standard, name, option, ("is missing", "缺少这一项"))
    for option in sorted(map(str, given - known.keys())):
        there = ", ".join(known)
        yield _option(
            standard,
            name,
            option,
            (f"isn't known; known are: {there}", f"没有这一项，可用的有：{there}"),
        )
    for option in given & known.keys():
        wrong = known[option](standard, told[option])
        if wrong is not None:
            yield _option(standard, name, option, wrong)
            continue
        for unknown in (
            set(options.fields_in(known[option], told[option])) - standard.fields.keys()
        ):
            words = {"dataset": standard.dataset, "known": ", ".join(standard.fields)}
            yield Issue("field_unknown", value=str(unknown), params=words)


def _option(standard: Standard, check: str, option: str, wrong: tuple[str, str]) -> Issue:
    reason, reason_zh = wrong
    words = {"place": standard.dataset, "check": check, "reason": reason, "reason_zh": reason_zh}
    return Issue("check_option", value=option, params=words)


def _other(standard: Standard, name: str, told: Told, find: Find) -> Iterator[Issue]:
    other = find(told["dataset"])
    if other is None:
        wrong = (f"there is no dataset {told['dataset']}", f"没有数据集 {told['dataset']}")
        yield _option(standard, name, "dataset", wrong)
        return
    named = {*told["on"].values(), *told.get("same", {}).values()}
    for unknown in sorted(named - other.fields.keys()):
        words = {"dataset": other.dataset, "known": ", ".join(other.fields)}
        yield Issue("field_unknown", value=unknown, params=words)
    for mine, its in [*told["on"].items(), *told.get("same", {}).items()]:
        here, there = (
            standard.fields[mine].dtype,
            other.fields[its].dtype if its in other.fields else None,
        )
        if there is not None and (here != there or isinstance(here, pl.List)):
            wrong = (f"{mine} and {its} can't be compared", f"{mine} 与 {its} 不能比较")
            yield _option(standard, name, "on / same", wrong)


def _fields(check: Check, told: Told) -> Iterator[str]:
    """The fields of the own dataset that a check names."""
    known = {**check.needed, **check.optional, **_EVERYWHERE}
    for option, value in told.items():
        if option in known:
            yield from options.fields_in(known[option], value)
