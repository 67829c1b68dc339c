"""A frame of records as rules of law see it: its dates as days, and which rule holds where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

import polars as pl

from exchange_schemas.conditions import fields_named, holds
from exchange_schemas.law_rules import AS_OF, PUBLISHED_ON, ClockRule, Law, Rule
from exchange_schemas.standard import Standard

CLASS = "severity_class"  # the field in which a record says its class itself
_DAY, _CLASS = "_day:", "_class"
NO_DAY = pl.lit(None, pl.Date)


def law_frame(
    law: Law, standard: Standard, records: pl.DataFrame, rules: Iterable[Rule]
) -> pl.DataFrame:
    """The columns that `rules` ask for, their dates also as Date, and the class where one is asked.

    `records` has the standard's columns, as far as they are asked for, and `published_on` (Date)
    where a rule counts from then.
    """
    told = list(rules)
    clocks = [rule for rule in told if isinstance(rule, ClockRule)]
    classes = law.clocks_for("severity", standard.dataset) if _with_class(clocks) else []
    every = [*told, *classes]
    named = {name for rule in every for name in fields_named(rule.when)}
    days = {n for r in clocks for n in (*r.start, *r.later, *r.sooner)} & standard.fields.keys()
    kept = [n for n in standard.fields if n in named or (classes and n == CLASS)]
    kept += [PUBLISHED_ON] if PUBLISHED_ON in records.columns and PUBLISHED_ON not in kept else []
    frame = records.select(
        *kept,
        _as_of(standard, records).alias(_DAY + AS_OF),
        *(_as_day(name, records).alias(_DAY + name) for name in sorted(days)),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"),  # as many rows, whatever is kept
    )
    return frame.with_columns(class_of(standard, classes).alias(_CLASS)) if classes else frame


def fields_asked(law: Law, standard: Standard) -> list[str]:
    """The fields of a standard that its rules ask for: who only wants its clocks needs no others."""
    asked = {CLASS, *standard.as_of}
    for rule in (*law.clocks, *law.never):
        if rule.speaks_of(standard.dataset):
            asked |= fields_named(rule.when)
            if isinstance(rule, ClockRule):
                asked |= {*rule.start, *rule.later, *rule.sooner}
    return [name for name in standard.fields if name in asked]


def class_of(standard: Standard, classes: Sequence[ClockRule]) -> pl.Expr:
    """The class (String) that a record says it is in, else the first that `classes` derive."""
    derived = first_of([(holding(rule, standard), pl.lit(rule.severity)) for rule in classes])
    return pl.coalesce(CLASS, derived) if CLASS in standard.fields else derived


def holding(rule: Rule, standard: Standard) -> pl.Expr:
    """Boolean, without nulls: where a rule holds for a row of a `law_frame`.

    A clock rule is asked whether it is in force on the record's date; a record without one is under
    rules of every day only.
    """
    asked = [holds(rule.when, standard.fields, lacking=True)]
    if isinstance(rule, ClockRule):
        if rule.valid_from:
            asked.append(pl.col(_DAY + AS_OF) >= rule.valid_from)
        if rule.valid_to:
            asked.append(pl.col(_DAY + AS_OF) <= rule.valid_to)
        if rule.severity and rule.kind != "severity":
            asked.append(pl.col(_CLASS) == rule.severity)
        if rule.amount is not None:
            asked.append(_start(rule, standard).is_not_null())
    return pl.all_horizontal(asked).fill_null(value=False)


def end_of(rule: ClockRule, standard: Standard, law: Law) -> pl.Expr:
    """Date: when the rule's term ends; null where it has no end.

    The first day isn't counted, and the last day is the one of the same number in the last month,
    or the month's last day where that has none (Civil code, articles 201 to 203).
    """
    end = NO_DAY if rule.amount is None else _counted(rule, _start(rule, standard), law)
    later, sooner = ([day_of(n) for n in names if n in standard.fields]
                     for names in (rule.later, rule.sooner))  # fmt: skip
    if later:
        end = pl.max_horizontal(end, *later)
    return pl.min_horizontal(end, *sooner) if sooner else end


def _counted(rule: ClockRule, start: pl.Expr, law: Law) -> pl.Expr:
    if rule.unit == "working_days":
        counted = partial(law.calendar.add, count=rule.amount or 0)
        return start.map_batches(counted, return_dtype=pl.Date, is_elementwise=True)
    if rule.unit == "day_of_next_month":
        return start.dt.month_start().dt.offset_by(f"1mo{(rule.amount or 1) - 1}d")
    return start.dt.offset_by(f"{rule.amount}{_OFFSETS[rule.unit or 'days']}")


_OFFSETS = {"days": "d", "months": "mo", "years": "y"}


def term_end(rule: ClockRule, start: date, law: Law) -> date | None:
    """As `end_of`, for one event; None beyond the calendar."""
    frame = pl.DataFrame({"start": [start]}, schema={"start": pl.Date})
    end: date | None = frame.select(_counted(rule, pl.col("start"), law)).item()
    return end


def first_of(choices: Sequence[tuple[pl.Expr, pl.Expr]]) -> pl.Expr:
    """The value of the first choice that holds; null where none does."""
    found = pl.lit(None)
    for held, value in reversed(choices):
        found = pl.when(held).then(value).otherwise(found)
    return found


def day_of(name: str) -> pl.Expr:
    """A date field of a `law_frame` as Date."""
    return pl.col(_DAY + name)


def _start(rule: ClockRule, standard: Standard) -> pl.Expr:
    """The day from which a rule counts: the first of its fields that isn't empty."""
    days = [
        pl.col(PUBLISHED_ON) if name == PUBLISHED_ON else day_of(name)
        for name in rule.start
        if name in (AS_OF, PUBLISHED_ON) or name in standard.fields
    ]
    return pl.coalesce(days) if days else NO_DAY


def _as_of(standard: Standard, records: pl.DataFrame) -> pl.Expr:
    days = [_as_day(name, records) for name in standard.as_of if name in standard.fields]
    return pl.coalesce(days) if days else NO_DAY


def _as_day(name: str, records: pl.DataFrame) -> pl.Expr:
    """A date field as Date; `published_on` is one already, also where a standard has it itself."""
    if records.schema[name] == pl.Date:
        return pl.col(name)
    return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _with_class(rules: Sequence[ClockRule]) -> bool:
    return any(rule.severity for rule in rules)
