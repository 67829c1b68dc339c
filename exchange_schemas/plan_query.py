"""What measures a target: a small expression over datasets, read from its declaration.

    count:      records of a dataset (or different values of `distinct`)
    share:      of these, how many have what `having` says or are `found_in` another dataset, in per cent
    median:     of the field `value`
    reduction:  by how much the sum of the field `to` is less than that of `from`, in per cent
    reported:   what departments last reported for the target in dataset plan_report

Each names its `dataset` and may have `where`. With `every` (year, half, quarter, month) it is measured for
each such period: with `within`, a field of days, by records of the period; with `upto` by all until its end.
Without `every` it is what the records say now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.plan_conditions import Condition, known_field, read_conditions
from exchange_schemas.standard import Standard

COUNT, SHARE, MEDIAN, REDUCTION, REPORTED = KINDS = (
    "count", "share", "median", "reduction", "reported",
)  # fmt: skip
PERIODS = ("year", "half", "quarter", "month")
REPORTS = "plan_report"
_COMMON = ("dataset", "where", "distinct", "within", "upto", "every")
_OWN = {
    COUNT: (),
    SHARE: ("having", "found_in"),
    MEDIAN: ("value",),
    REDUCTION: ("from", "to"),
}


@dataclass(frozen=True, slots=True)
class FoundIn:
    """Another dataset, and the field that has the values of `distinct`."""

    dataset: str
    field: str


@dataclass(frozen=True, slots=True)
class Query:
    """A measure as it was read; fields that its kind doesn't have are None or empty.

    `clock` is the field of days: of the dataset, or of the one in `found_in`. `cumulative`: by all records
    until a period's end.
    """

    kind: str
    dataset: str
    where: tuple[Condition, ...] = ()
    distinct: str | None = None
    having: tuple[Condition, ...] = ()
    found_in: FoundIn | None = None
    value: str | None = None
    before: str | None = None
    after: str | None = None
    every: str | None = None
    clock: str | None = None
    cumulative: bool = False

    @property
    def datasets(self) -> tuple[str, ...]:
        """Which datasets it reads."""
        more = (self.found_in.dataset,) if self.found_in else ()
        return (self.dataset, *more)


def read_query(told: Any, catalogue: Catalogue, target: str) -> Query:
    """The measure that a target declares; raises Misdeclared (plan_measure_invalid,
    plan_dataset_unknown, plan_field_unknown, plan_condition_invalid)."""
    kind, words = _one(told, target)
    if kind == REPORTED:
        _allowed(words, ("every",), target)
        return Query(REPORTED, REPORTS, every=_every(words, target) or "year", cumulative=True)
    _allowed(words, (*_COMMON, *_OWN[kind]), target)
    standard = _standard(words.get("dataset"), catalogue, target)
    pick = _picker(words, standard, target)
    found_in = _found_in(words.get("found_in"), catalogue, target)
    dated = standard if found_in is None else catalogue.get(found_in.dataset)
    clock = words.get("within") or words.get("upto")
    every = _every(words, target)
    query = Query(
        kind,
        standard.dataset,
        read_conditions(words.get("where", {}), standard, target),
        pick("distinct"),
        read_conditions(words.get("having", {}), standard, target),
        found_in,
        pick("value"),
        pick("from"),
        pick("to"),
        every,
        None if clock is None else known_field(dated, clock, target),
        "upto" in words,
    )
    _whole(query, words, target)
    return query


def _picker(
    words: Mapping[str, Any], standard: Standard, target: str
) -> Callable[[str], str | None]:
    def pick(word: str) -> str | None:
        return known_field(standard, words[word], target) if word in words else None

    return pick


def _one(told: Any, target: str) -> tuple[str, Mapping[str, Any]]:
    if isinstance(told, Mapping) and len(told) == 1:
        ((kind, words),) = told.items()
        if kind in KINDS and isinstance(words, Mapping):
            return str(kind), words
    raise _invalid(target, told, " / ".join(KINDS))


def _allowed(words: Mapping[str, Any], known: tuple[str, ...], target: str) -> None:
    for word in words:
        if word not in known:
            raise _invalid(target, word, " / ".join(known))


def _standard(name: Any, catalogue: Catalogue, target: str) -> Standard:
    if name not in catalogue.datasets():
        words = {"target": target, "expected": ", ".join(catalogue.datasets())}
        raise Misdeclared(Issue("plan_dataset_unknown", value=str(name), params=words))
    return catalogue.get(str(name))


def _found_in(told: Any, catalogue: Catalogue, target: str) -> FoundIn | None:
    if told is None:
        return None
    if not isinstance(told, Mapping) or set(told) != {"dataset", "field"}:
        raise _invalid(target, f"found_in: {told}", "{dataset: …, field: …}")
    other = _standard(told["dataset"], catalogue, target)
    return FoundIn(other.dataset, known_field(other, told["field"], target))


def _every(words: Mapping[str, Any], target: str) -> str | None:
    every = words.get("every")
    if every is not None and every not in PERIODS:
        raise _invalid(target, f"every: {every}", " / ".join(PERIODS))
    return every


def _whole(query: Query, words: Mapping[str, Any], target: str) -> None:
    """Nothing that the kind needs is missing, and nothing contradicts."""
    for word in _needed(query):
        if word not in words:
            raise _invalid(target, word, word)
    if "within" in words and "upto" in words:
        raise _invalid(target, "within, upto", "within / upto")
    if (query.clock is None) != (query.every is None):
        raise _invalid(target, query.every or query.clock, "every + within / every + upto")
    if query.kind == SHARE and bool(query.having) == bool(query.found_in):
        raise _invalid(target, "having, found_in", "having / found_in")


def _needed(query: Query) -> tuple[str, ...]:
    if query.found_in:
        return ("dataset", "distinct")
    return ("dataset", *(one for one in _OWN[query.kind] if query.kind != SHARE))


def _invalid(target: str, value: object, expected: str) -> Misdeclared:
    words = {"target": target, "expected": expected}
    return Misdeclared(Issue("plan_measure_invalid", value=str(value), params=words))
