"""A measure in plain Python, record by record: what the compiled one has to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median
from typing import Any

from exchange_schemas.plan_conditions import Condition
from exchange_schemas.plan_query import COUNT, MEDIAN, SHARE, Query

Record = Mapping[str, Any]
Number = float | None


def passes(condition: Condition, record: Record) -> bool:
    """Whether a record's value is as the condition says."""
    said = record.get(condition.field)
    values = said if isinstance(said, list) else [] if said is None else [said]
    wanted = condition.values
    if condition.word == "present":
        return bool(values) == wanted[0]
    negative = condition.word in ("not", "without")
    return any(_fits(condition.word, one, wanted) for one in values) != negative


def _fits(word: str, one: Any, wanted: Sequence[Any]) -> bool:
    if word in ("is", "not"):
        return one in wanted
    if word in ("contains", "without"):
        return any(part in one for part in wanted)
    return bool(one >= wanted[0] if word == "from" else one <= wanted[0])


def day_of(text: str | None) -> date | None:
    """The day of a date or a time."""
    return None if text is None else date.fromisoformat(text[:10])


def measured(
    query: Query,
    datasets: Mapping[str, Sequence[Record]],
    span: tuple[date, date],
    day: date,
) -> tuple[Number, Number]:
    """(value, base) for a period."""
    begin, end = span
    rows = [one for one in datasets[query.dataset] if all(passes(c, one) for c in query.where)]
    if query.distinct:
        rows = [one for one in rows if one.get(query.distinct) is not None]
    inside: list[Record] = []
    counting: list[Record] = []
    for row in rows:
        counts, when = _counts(query, row, datasets, day)
        if _in_time(query, when, begin, end):
            inside.append(row)
            if counts and (when is None or when <= day):
                counting.append(row)
    if query.kind == COUNT:
        return float(_number(query, counting)), None
    if query.kind == SHARE:
        within = query.clock is not None and not query.cumulative
        whole = _number(query, inside if within else rows)
        return (100 * _number(query, counting) / whole if whole else None), float(whole)
    if query.kind == MEDIAN:
        numbers = [one[query.value] for one in inside if one.get(query.value) is not None]
        return (float(median(numbers)) if numbers else None), float(len(numbers))
    pairs = [(one.get(query.before), one.get(query.after)) for one in inside]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    before = sum(a for a, _ in both)
    return (100 * sum(a - b for a, b in both) / before if before else None), float(before)


def _counts(
    query: Query, row: Record, datasets: Mapping[str, Sequence[Record]], day: date
) -> tuple[bool, date | None]:
    if query.found_in is not None:
        value = row[str(query.distinct)]
        others = [
            one
            for one in datasets[query.found_in.dataset]
            if one.get(query.found_in.field) == value
        ]
        days = [day_of(one.get(query.clock)) for one in others] if query.clock else []
        known = [one for one in days if one is not None]
        first = min(known) if known else None
        return bool(others), first or day
    when = day_of(row.get(query.clock)) if query.clock else day
    if when is None and (query.kind == SHARE or query.cumulative):
        when = day
    return all(passes(one, row) for one in query.having), when


def _in_time(query: Query, when: date | None, begin: date, end: date) -> bool:
    if query.clock is None:
        return True
    if when is None:
        return False
    return when <= end if query.cumulative else begin <= when <= end


def _number(query: Query, rows: Sequence[Record]) -> int:
    if query.distinct is None:
        return len(rows)
    return len({row[query.distinct] for row in rows})
