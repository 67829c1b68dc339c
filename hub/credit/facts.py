"""Facts: which records meet which indicators, of which subject, and from when until when they count.

A frame of facts has the columns of `FACTS`, one row for each record × indicator × subject. `begins` is the
first day on which it counts and `ends` the first on which it no longer does (null: no such day is known).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from exchange_schemas.codes import load_codes
from exchange_schemas.conditions import fields_named, holds
from exchange_schemas.credit_rules import (
    DIVISION,
    INDUSTRY,
    REGISTER,
    Counts,
    CreditRules,
    Indicator,
    fields_of,
)
from exchange_schemas.standard import Standard

#: `place`: the indicator's place in the rules, or one of the two below.
REGISTERED, LEFT_OUT = (
    -1,
    -2,
)  # the register has the subject; it says that it is no more in the market
FACTS = pl.Schema(
    {
        "subject": pl.String, "dataset": pl.String, "key": pl.String, "place": pl.Int16,
        "points": pl.Int16, "begins": pl.Date, "ends": pl.Date,
    }
)  # fmt: skip
ALWAYS = pl.date(1900, 1, 1)  # of what counts as long as the record is there


def facts_of(
    rules: CreditRules, standard: Standard, rows: pl.LazyFrame, links: pl.LazyFrame
) -> pl.LazyFrame:
    """The facts of some records of a dataset: `rows` as `Inputs.scan` gives them, `links` with `subject` and
    `_key`."""
    mine = [(n, one) for n, one in enumerate(rules.indicators) if one.dataset == standard.dataset]
    register = standard.dataset == REGISTER
    prepared = _prepared(rows) if register else rows
    asked = _asked(rules, mine, standard)
    linked = prepared.select("_key", *asked).join(links.select("subject", "_key"), on="_key")
    found = [_of(number, one, standard, linked) for number, one in mine]
    if register:
        found += _registered(rules, standard, linked)
    return pl.concat(found) if found else pl.LazyFrame(schema=FACTS)


def _asked(
    rules: CreditRules, mine: Sequence[tuple[int, Indicator]], standard: Standard
) -> list[str]:
    names = {name for _, one in mine for name in fields_named(one.when)}
    names |= {name for _, one in mine if one.counts for name in one.counts.dates}
    if standard.dataset == REGISTER and rules.leave_out:
        names |= fields_named(rules.leave_out)
    return sorted(names)


def _prepared(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns(division().alias(DIVISION), industry().alias(INDUSTRY))


def division() -> pl.Expr:
    """The district or county (6 digits) where a registered subject has its domicile, as it is today."""
    codes = load_codes("divisions").codes
    later = {name: one.successors[0] for name, one in codes.items() if len(one.successors) == 1}
    return pl.coalesce("domicile_division", "division_code").str.slice(0, 6).replace(later)


def industry() -> pl.Expr:
    """The division of GB/T 4754 (2 digits) of a registered subject."""
    return pl.col("industry_code").str.slice(0, 2)


def _of(number: int, one: Indicator, standard: Standard, linked: pl.LazyFrame) -> pl.LazyFrame:
    held = holds(one.when, fields_of(standard)) if one.when else pl.lit(value=True)
    begins, ends = (begin_of(one.counts), end_of(one.counts)) if one.counts else (ALWAYS, _NO_DAY)
    told = _told(linked.filter(held), standard, number, one.points, begins, ends)
    return told.filter(
        pl.col("begins").is_not_null(),
        pl.col("ends").is_null() | (pl.col("ends") > pl.col("begins")),
    )


def _registered(
    rules: CreditRules, standard: Standard, linked: pl.LazyFrame
) -> Iterable[pl.LazyFrame]:
    out = holds(rules.leave_out, fields_of(standard)) if rules.leave_out else pl.lit(value=False)
    for number, held in ((REGISTERED, ~out), (LEFT_OUT, out)):
        yield _told(linked.filter(held), standard, number, 0, ALWAYS, _NO_DAY)


def _told(
    rows: pl.LazyFrame,
    standard: Standard,
    number: int,
    points: int,
    begins: pl.Expr,
    ends: pl.Expr,
) -> pl.LazyFrame:
    return rows.select(
        pl.col("subject"),
        pl.lit(standard.dataset).alias("dataset"),
        pl.col("_key").alias("key"),
        pl.lit(number, pl.Int16).alias("place"),
        pl.lit(points, pl.Int16).alias("points"),
        begins.alias("begins"),
        ends.alias("ends"),
    )


_NO_DAY = pl.lit(None, pl.Date)


def _day(name: str) -> pl.Expr:
    """A field of a day, or of an instant as departments write it (+08:00), as the day in Maoming."""
    return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def begin_of(counts: Counts) -> pl.Expr:
    """Date: the first day on which a record counts; null where it has none of the dates.

    With `after_months` that is the day after the term is over: "listed for three years" is true from then on.
    """
    start = pl.coalesce(_day(name) for name in counts.start)
    if not counts.after_months:
        return start
    return start.dt.offset_by(f"{counts.after_months}mo").dt.offset_by("1d")


def end_of(counts: Counts) -> pl.Expr:
    """Date: the first day on which it no longer counts; null where no such day is known.

    A term of months ends with the day of the same number, or the month's last (Civil code, article 202), so
    that it no longer counts on the day after; so it is with a `last_day`. A day of `stops_on` is free already.
    """
    end = _NO_DAY
    if counts.months is not None:
        end = _after(begin_of(counts).dt.offset_by(f"{counts.months}mo"))
        for name in counts.at_least_until:
            end = pl.max_horizontal(end, _after(_day(name)))
    sooner = [*(_day(n) for n in counts.stops_on), *(_after(_day(n)) for n in counts.last_day)]
    return pl.min_horizontal(end, *sooner) if sooner else end


def _after(day: pl.Expr) -> pl.Expr:
    return day.dt.offset_by("1d")


def counting(facts: pl.LazyFrame, day: pl.Expr) -> pl.LazyFrame:
    """Those that count on a day."""
    ended = pl.col("ends").is_not_null() & (pl.col("ends") <= day)
    return facts.filter(pl.col("begins") <= day, ~ended)
