"""The rules that a standard's checks within one record compile to (`consistency` names them).

Each function takes what the check says, the standard and today's date. Days are compared as text,
which ISO days can be; whether they are days at all is asked of the few that are suspect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from itertools import combinations
from typing import Any

import polars as pl

from exchange_schemas.code_rules import record_day
from exchange_schemas.codes import load_codes
from exchange_schemas.compiler import Rule
from exchange_schemas.days import day_verdicts
from exchange_schemas.departments import departments_named
from exchange_schemas.divisions import city_prefix
from exchange_schemas.fixed_width import FINE
from exchange_schemas.money_text import (
    AMOUNT_WORDS,
    DIFFERENT,
    TEN_THOUSANDFOLD,
    amount_verdicts,
    amount_words,
)
from exchange_schemas.standard import Standard
from exchange_schemas.working_days import horizon, working_days_after

Told = Mapping[str, Any]


def date_order(told: Told, standard: Standard, _today: date) -> Iterator[Rule]:
    """`fields` are days that come one after the other, or fall on the same day."""
    for early, late in combinations(told["fields"], 2):
        suspect = _day(standard, early) > _day(standard, late)
        failed = suspect & _is_day(standard, early) & _is_day(standard, late)
        words = {"before": _day(standard, early)}
        yield Rule(
            late, "date_order", failed, _other(standard, early), suspect=suspect, told=words
        )


def amount_in_text(told: Told, _standard: Standard, _today: date) -> Iterator[Rule]:
    """`amount` (in 万元) is the one that `text` gives next to one of `words`."""
    pair = pl.struct(amount=told["amount"], text=told["text"])
    judge = partial(amount_verdicts, told["words"])
    verdict = pair.map_batches(judge, return_dtype=pl.UInt8, is_elementwise=True)
    why = pair.map_batches(partial(amount_words, told["words"]), return_dtype=AMOUNT_WORDS)
    words = {name: why.struct.field(name) for name in AMOUNT_WORDS.to_schema()}
    for code, kind in (("amount_unit", TEN_THOUSANDFOLD), ("amount_differs", DIFFERENT)):
        yield Rule(told["amount"], code, verdict == kind, told=words)


def amount_order(told: Told, standard: Standard, _today: date) -> Iterator[Rule]:
    """`fields` are amounts of which none is above a later one."""
    for low, high in combinations(told["fields"], 2):
        amounts = [pl.col(name).cast(pl.Float64, strict=False) for name in (low, high)]
        words = {"before": pl.col(low)}
        yield Rule(
            high, "amount_order", amounts[0] > amounts[1], _other(standard, low), told=words
        )


def amount_needs_kind(told: Told, standard: Standard, _today: date) -> Iterator[Rule]:
    """Where `amount` is more than nothing, `kinds` has one of `any`."""
    amount, kinds = pl.col(told["amount"]), pl.col(told["kinds"])
    named = pl.any_horizontal([kinds.list.contains(kind) for kind in told["any"]])
    suspect = amount.is_not_null() & ~named
    failed = suspect & (amount.cast(pl.Float64, strict=False) > 0)
    words = {**_other(standard, told["kinds"]), "expected": "、".join(told["any"])}
    yield Rule(told["amount"], "amount_kind_missing", failed, words, suspect=suspect)


def within_working_days(told: Told, standard: Standard, _today: date) -> Iterator[Rule]:
    """`to` is at most `days` working days after `from`."""
    begin, end = (
        _day(standard, told[name]).str.to_date("%Y-%m-%d", strict=False) for name in ("from", "to")
    )
    suspect = (end - begin).dt.total_days() > told["days"]
    worked = pl.struct(begin=begin, end=end).map_batches(
        _worked, return_dtype=pl.Int32, is_elementwise=True
    )
    words = {"before": _day(standard, told["from"]), "found": worked}
    other = {**_other(standard, told["from"]), "expected": str(told["days"])}
    late = worked > told["days"]
    yield Rule(told["to"], "deadline_missed", late, other, suspect=suspect, told=words)
    last = {"expected": horizon()[1].isoformat()}
    yield Rule(
        told["to"], "calendar_ends", suspect & worked.is_null(), last, suspect=suspect, once=True
    )


def _worked(days: pl.Series) -> pl.Series:
    return working_days_after(days.struct.field("begin"), days.struct.field("end"))


def overdue(told: Told, standard: Standard, today: date) -> Iterator[Rule]:
    """`since` isn't more than `years` ago, unless a field is filled in."""
    # of a 29th of February the day before, in other years
    limit = f"{today.year - told['years']:04}-{today.month:02}-{today.day:02}"
    suspect = _day(standard, told["since"]) <= limit
    words = {"expected": str(told["years"])}
    if "unless" in told:
        suspect &= pl.col(told["unless"]).is_null()
        words |= _other(standard, told["unless"])
    failed = suspect & _is_day(standard, told["since"])
    code = "overdue" if "unless" in told else "long_ago"
    yield Rule(told["since"], code, failed, words, suspect=suspect)


def code_starts(told: Told, _standard: Standard, _today: date) -> Iterator[Rule]:
    """`code` begins with one of `starts`."""
    code = pl.col(told["code"])
    begins = pl.any_horizontal([code.str.starts_with(start) for start in told["starts"]])
    words = {"expected": " / ".join(told["starts"])}
    yield Rule(told["code"], "code_start", code.is_not_null() & ~begins, words)


def department_known(told: Told, standard: Standard, _today: date) -> Iterator[Rule]:
    """`name` is a department of the city on the record's day, and `code` its credit code.

    Names of other authorities aren't judged: the list has the city's departments.
    """
    name, nothing = pl.col(told["name"]), pl.lit(None, pl.String)
    day = record_day(standard.as_of, standard.dtypes)
    on_day = nothing if day is None else day
    ever, then = departments_named(name, nothing), departments_named(name, on_day)
    names, right = [told["name"], *standard.as_of], departments_named(name, on_day, "uscc")
    unknown = _of_the_city(name) & ever.is_null()
    verdict = pl.when(unknown).then(1).when(ever.is_not_null() & then.is_null()).then(2)
    if "code" in told:
        names.append(told["code"])
        verdict = verdict.when(pl.col(told["code"]) != right).then(3)
    judged = on_distinct(names, verdict.otherwise(0).cast(pl.UInt8))
    yield Rule(told["name"], "department_unknown", judged == 1)
    yield Rule(told["name"], "department_not_then", judged == 2, told={"day": on_day})
    if "code" in told:
        words, other = {"name": name, "expected": right}, _other(standard, told["name"])
        yield Rule(told["code"], "department_code", judged == 3, other, told=words)


def on_distinct(names: list[str], judged: pl.Expr) -> pl.Expr:
    """`judged` (UInt8), which depends on the columns `names` only, computed once for rows alike."""

    def judge(rows: pl.Series) -> pl.Series:
        given = rows.struct.unnest()
        told = given.unique().with_columns(judged.alias("_told"))
        joined = given.join(told, on=names, how="left", nulls_equal=True, maintain_order="left")
        return joined["_told"]

    return pl.struct(names).map_batches(judge, return_dtype=pl.UInt8, is_elementwise=True)


def _of_the_city(name: pl.Expr) -> pl.Expr:
    """Whether a name is one of this city's departments and not of its districts."""
    districts = [
        code.title
        for code in load_codes("divisions").codes.values()
        if not code.code.endswith("00")
    ]
    plain = name.str.strip_chars().str.replace(city_prefix(), "市")
    return plain.str.starts_with("市") & ~plain.str.contains_any(districts)


def has_one(name: str, values: list[Any], standard: Standard) -> pl.Expr:
    """Whether a field has one of the values; a list, whether one of its items."""
    if standard.fields[name].kind == "list":
        return pl.any_horizontal([pl.col(name).list.contains(value) for value in values])
    return pl.col(name).is_in(values)


def _day(standard: Standard, name: str) -> pl.Expr:
    value = pl.col(name)
    return value.str.slice(0, 10) if standard.fields[name].kind == "datetime" else value


def _is_day(standard: Standard, name: str) -> pl.Expr:
    judged = _day(standard, name).map_batches(
        day_verdicts, return_dtype=pl.UInt8, is_elementwise=True
    )
    return judged == FINE


def _other(standard: Standard, name: str) -> dict[str, str]:
    """The title of another field, in English and Chinese."""
    field = standard.fields[name]
    return {"other": field.title_en, "other_zh": field.title}
