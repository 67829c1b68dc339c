"""A target's measure over the records of datasets, compiled to columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.plan_query import COUNT, MEDIAN, REDUCTION, SHARE, FoundIn, Query
from hub.plan.conditions import holds
from hub.plan.periods import Period, period_of, periods

Scan = Callable[[str], pl.LazyFrame]

UNIT, COUNTS, DAY = "unit", "counts", "day"  # columns of `units`


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured for a period. `value` is None where there is nothing to measure: `base`, how many
    records (or different values) the measure is over, is 0 then, or no record has the field."""

    period: Period
    value: float | None
    numerator: float | None
    denominator: float | None
    base: int


def measure(
    query: Query, scan: Scan, catalogue: Catalogue, begun: date, day: date
) -> list[Measured]:
    """The measure for each of its periods that has an end after `begun` and began by `day`.

    Periods before the first day that the records name aren't measured: of them the hub knows nothing.
    Without `every` there is one, the month of `day`. Needs a query that isn't `reported`.
    """
    rows = units(query, scan, catalogue, day)
    whole = _periods(query, rows, begun, day)
    names = _columns(query)
    asked = [
        expression.alias(f"{place}:{name}")
        for place, period in enumerate(whole)
        for name, expression in zip(names, _expressions(query, period), strict=True)
    ]
    found = rows.select(asked).row(0, named=True)
    return [
        _measured(query, period, *(found[f"{place}:{name}"] for name in names))
        for place, period in enumerate(whole)
    ]


def units(query: Query, scan: Scan, catalogue: Catalogue, day: date) -> pl.DataFrame:
    """What is measured, by record: `unit` (the value of `distinct`, else the key), `counts` (whether it is
    of those that a share asks for, by `day`), `day` (from which it does), `_key`, and the fields that numbers come
    from. What counts without a day counts from `day`."""
    dtypes = catalogue.get(query.dataset).dtypes
    rows = scan(query.dataset).filter(holds(query.where, dtypes))
    numbers = [one for one in (query.value, query.before, query.after) if one]
    counts, when = holds(query.having, dtypes), pl.lit(day)
    if query.found_in is not None:
        rows = _joined(query, query.found_in, rows, scan)
        counts, when = pl.col("_found"), pl.col("_first")
    elif query.clock is not None:
        when = _day(query.clock)
    if query.kind == SHARE or query.cumulative:
        when = when.fill_null(day)
    chosen = rows.select(
        "_key",
        (pl.col(query.distinct) if query.distinct else pl.col("_key")).alias(UNIT),
        (counts & (when <= day).fill_null(True)).alias(COUNTS),
        when.alias(DAY),
        *(pl.col(one).cast(pl.Float64, strict=False) for one in dict.fromkeys(numbers)),
    )
    return chosen.filter(pl.col(UNIT).is_not_null()).collect()


def _joined(query: Query, other: FoundIn, rows: pl.LazyFrame, scan: Scan) -> pl.LazyFrame:
    """The records, each with whether its `distinct` stands in the other dataset, and since when."""
    mine = str(query.distinct)
    first = _day(query.clock).min() if query.clock else pl.lit(None, pl.Date)
    known = (
        scan(other.dataset)
        .filter(pl.col(other.field).is_not_null())
        .group_by(pl.col(other.field).alias(mine))
        .agg(_first=first, _found=pl.lit(True))
    )
    joined = rows.join(known, on=mine, how="left")
    return joined.with_columns(pl.col("_found").fill_null(False))


def _day(field: str) -> pl.Expr:
    """The day of a date or a time; null where it is neither."""
    return pl.col(field).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def _periods(query: Query, rows: pl.DataFrame, begun: date, day: date) -> list[Period]:
    if query.every is None:
        return [period_of(day, "month")]
    known = rows.filter(pl.col(COUNTS))[DAY].drop_nulls()
    first = known.min()
    begin = max(begun, first) if isinstance(first, date) else day
    return periods(min(begin, day), day, query.every)


def _columns(query: Query) -> tuple[str, ...]:
    return {
        COUNT: ("counted", "base"),
        SHARE: ("counted", "base"),
        MEDIAN: ("value", "base"),
        REDUCTION: ("less", "before", "base"),
    }[query.kind]


def _expressions(query: Query, period: Period) -> Iterator[pl.Expr]:
    """What `_columns` names, for one period."""
    of_time = _of_time(query, period)
    unit = pl.col(UNIT)
    if query.kind in (COUNT, SHARE):
        yield unit.filter(pl.col(COUNTS) & of_time).n_unique()
        within = query.clock is not None and not query.cumulative
        yield unit.filter(of_time).n_unique() if within else unit.n_unique()
    elif query.kind == MEDIAN:
        value = pl.col(str(query.value)).filter(of_time)
        yield value.median()
        yield value.count()
    else:
        before, after = pl.col(str(query.before)), pl.col(str(query.after))
        both = of_time & before.is_not_null() & after.is_not_null()
        yield (before - after).filter(both).sum()
        yield before.filter(both).sum()
        yield both.sum()


def _of_time(query: Query, period: Period) -> pl.Expr:
    day = pl.col(DAY)
    if query.clock is None:
        return pl.lit(True)
    if query.cumulative:
        return day <= period.end
    return day.is_between(period.begin, period.end).fill_null(False)


def _measured(query: Query, period: Period, *found: float | None) -> Measured:
    *numbers, base = found
    count = int(base or 0)
    first = numbers[0]
    if query.kind == COUNT:
        return Measured(period, first, first, None, count)
    if query.kind == MEDIAN:
        return Measured(period, first, None, float(count), count)
    whole = float(numbers[-1] or 0) if query.kind == REDUCTION else float(count)
    value = 100 * (first or 0) / whole if whole else None
    return Measured(period, value, first, whole, count)
