"""Conditions on a dataset's records, as the plan's measures declare them: field → what its value has to be.

    status: 在用                    this value; a list: one of these; true or false for marks
    status: {not: [注销, 撤销]}     none of these; an empty value passes
    name: {contains: [协会, 商会]}  one of these is part of the text
    name: {without: [协会, 商会]}   none of these is part of it; an empty value passes
    listed_on: {from: 2026-01-01, until: 2026-12-31}    both included, by the order of texts or numbers
    website: {present: true}       whether there is a value

All conditions of a list have to hold. A field that holds a list passes where one of its values does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard

WORDS = ("is", "not", "contains", "without", "from", "until", "present")
_LISTS = ("is", "not", "contains", "without")
_EXPECTED = (
    "a value, a list of values, or not, contains, without, from, until, present with theirs"
)

Scalar = str | int | bool


@dataclass(frozen=True, slots=True)
class Condition:
    """`word` is one of `WORDS`; `values` are of the field's own type, in `present` one bool."""

    field: str
    word: str
    values: tuple[Scalar, ...]


def read_conditions(told: Any, standard: Standard, target: str) -> tuple[Condition, ...]:
    """The conditions of a mapping; raises Misdeclared (plan_field_unknown, plan_condition_invalid,
    plan_measure_invalid)."""
    if not isinstance(told, Mapping):
        words = {"target": target, "expected": "fields with their conditions"}
        raise Misdeclared(Issue("plan_measure_invalid", value=str(told), params=words))
    found: list[Condition] = []
    for name, said in told.items():
        known_field(standard, name, target)
        pairs = said.items() if isinstance(said, Mapping) else [("is", said)]
        found += [_condition(standard, target, name, word, value) for word, value in pairs]
    return tuple(found)


def known_field(standard: Standard, name: Any, target: str) -> str:
    """The name of a field of the standard; raises Misdeclared (plan_field_unknown)."""
    if name not in standard.dtypes:
        words = {
            "target": target, "dataset": standard.dataset, "expected": ", ".join(standard.dtypes),
        }  # fmt: skip
        raise Misdeclared(Issue("plan_field_unknown", value=str(name), params=words))
    return str(name)


def _condition(standard: Standard, target: str, name: str, word: Any, said: Any) -> Condition:
    values = tuple(said) if isinstance(said, list) else (said,)
    values = tuple(str(one) if isinstance(one, date) else one for one in values)
    dtype: Any = standard.dtypes[name]
    wanted = _wanted(dtype.inner if isinstance(dtype, pl.List) else dtype)
    expected = _EXPECTED
    if word in WORDS:
        wanted = bool if word == "present" else wanted
        many = word in _LISTS or len(values) == 1
        textual = word not in ("contains", "without") or wanted is str
        if many and values and textual and all(type(one) is wanted for one in values):
            return Condition(name, word, values)
        expected = {bool: "true or false", int: "a whole number", str: "a text"}[wanted]
    words = {
        "target": target, "dataset": standard.dataset, "condition": name, "expected": expected,
    }  # fmt: skip
    raise Misdeclared(Issue("plan_condition_invalid", value=f"{word}: {said}", params=words))


def _wanted(dtype: Any) -> type:
    if dtype == pl.Boolean:
        return bool
    return int if dtype.is_integer() else str
