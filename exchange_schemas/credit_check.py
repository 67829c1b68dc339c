"""Checks a version of the credit indicators: its form, and what it names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.conditions import check_condition
from exchange_schemas.credit_rules import (
    CLASSES,
    DIMENSIONS,
    FORM,
    FULL,
    REGISTER,
    CreditRules,
    Indicator,
    fields_of,
    plain,
    rules_of,
)
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.schema_fault import place, reason, reason_zh
from exchange_schemas.strict_yaml import read_strictly

LARGEST = 1_000_000  # characters of a file


def read_rules(text: str, file: str, catalogue: Catalogue) -> CreditRules:
    """The version in a file's text. Raises Misdeclared (credit_rules_invalid) with the first thing that is wrong;
    `check_rules` says all of them."""
    issues = check_rules(text, file, catalogue)
    if issues:
        raise Misdeclared(issues[0])
    return rules_of(plain(read_strictly(text)), text)


def check_rules(text: str, file: str, catalogue: Catalogue) -> list[Issue]:
    """Everything that is wrong with a file; nothing where it can be used."""
    if len(text) > LARGEST:
        return [_invalid(file, "-", f"longer than {LARGEST} characters", f"超过 {LARGEST} 字")]
    try:
        told = plain(read_strictly(text))
    except (yaml.YAMLError, ValueError, TypeError) as error:
        return [_invalid(file, "-", f"can't be read: {error}", f"无法读取：{error}")]
    faults = [
        _invalid(file, place(f) or "-", reason(f), reason_zh(f)) for f in _form().iter_errors(told)
    ]
    return faults or [
        _invalid(file, *words) for words in _wrong(told, rules_of_valid(told), catalogue)
    ]


def rules_of_valid(told: Mapping[str, Any]) -> CreditRules | None:
    """As `rules_of`; None where a day isn't one."""
    try:
        return rules_of(told, "")
    except ValueError:
        return None


@cache
def _form() -> Draft202012Validator:
    return Draft202012Validator(json.loads(FORM.read_text(encoding="utf-8")))


Words = tuple[str, str, str]  # where, what in English, what in Chinese


def _wrong(
    told: Mapping[str, Any], rules: CreditRules | None, catalogue: Catalogue
) -> Iterator[Words]:
    if rules is None:
        day = told["valid_from"]
        yield "valid_from", f"{day} isn't a day", f"{day} 不是日期"
        return
    yield from _scale(rules)
    names = [*(one.id for one in rules.indicators), *(one.id for one in rules.warnings)]
    for name, number in Counter(names).items():
        if number > 1:
            yield name, "the id stands twice", "id 重复"
    yield from _asked(rules.leave_out, "leave_out", REGISTER, catalogue)
    for one in rules.indicators:
        yield from _indicator(one, catalogue)
    known = {one.id for one in rules.indicators}
    for rule in rules.warnings:
        for name in rule.when.get("indicators", ()):
            if name not in known:
                yield f"warnings.{rule.id}", f"there is no indicator {name}", f"没有指标 {name}"


def _scale(rules: CreditRules) -> Iterator[Words]:
    """Four dimensions whose weights add up, and four classes, the best first, that leave nobody out."""
    if sorted(one.id for one in rules.dimensions) != sorted(DIMENSIONS):
        every = ", ".join(DIMENSIONS)
        yield "dimensions", f"must be each of {every} once", f"应为 {every} 各一项"
    weights = sum(one.weight for one in rules.dimensions)
    if weights != FULL:
        yield (
            "dimensions",
            f"the weights add up to {weights}, not 100",
            f"权重之和为 {weights}，应为 100",
        )
    if tuple(grade.name for grade in rules.grades) != CLASSES:
        yield "classes", "must be A, B, C, D in this order", "应按 A、B、C、D 的顺序各一项"
    falling = all(better.least > worse.least for better, worse in pairwise(rules.grades))
    if not falling or rules.grades[-1].least != 0:
        yield (
            "classes",
            "from: must fall from A to D, and D begin at 0",
            "from 应由 A 到 D 递减，D 从 0 起",
        )


def _indicator(one: Indicator, catalogue: Catalogue) -> Iterator[Words]:
    where = f"indicators.{one.id}"
    if one.dataset not in catalogue.datasets():
        yield where, f"there is no dataset {one.dataset}", f"没有数据集 {one.dataset}"
        return
    yield from _asked(one.when, where, one.dataset, catalogue)
    if one.at_most < one.points:
        yield where, "at_most is less than points", "at_most 小于 points"
    fields = catalogue.get(one.dataset).fields
    for name in one.counts.dates if one.counts else ():
        if name not in fields:
            yield where, f"{one.dataset} has no field {name}", f"{one.dataset} 没有字段 {name}"
        elif fields[name].kind not in ("date", "datetime"):
            yield where, f"{name} isn't a date", f"{name} 不是日期字段"


def _asked(condition: Any, where: str, dataset: str, catalogue: Catalogue) -> Iterator[Words]:
    if not condition:
        return
    try:
        check_condition(condition, fields_of(catalogue.get(dataset)))
    except Misdeclared as error:
        words = error.issue
        yield where, words.message("en"), words.message("zh_CN")


def check_day(rules: CreditRules, begin: date) -> None:
    """Raises Misdeclared (credit_too_early) where a version is to hold before its own first day."""
    if begin < rules.valid_from:
        words = {"begin": str(begin), "valid_from": str(rules.valid_from)}
        raise Misdeclared(Issue("credit_too_early", value=rules.version, params=words))


def _invalid(file: str, where: str, why: str, why_zh: str) -> Issue:
    words = {"place": where, "reason": why, "reason_zh": why_zh}
    return Issue("credit_rules_invalid", file=file, value=where, params=words)
