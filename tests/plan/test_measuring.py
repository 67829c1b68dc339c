"""The compiled measure says what a plain reading of the records says, whatever they and the measure are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.plan_query import COUNT, MEDIAN, REDUCTION, SHARE, read_query
from hub.plan.measuring import measure, units
from hub.plan.periods import MONTHS, period_of, periods
from tests.plan.reference import measured

CATALOGUE = load_catalogue()
BEGUN, DAY = date(2025, 1, 15), date(2026, 11, 30)
DAYS = st.none() | st.dates(date(2024, 11, 1), date(2027, 2, 1)).map(str)
CODES = st.sampled_from(["A", "B", "C"])

RECORDS = {
    "food_operator_credit": st.fixed_dictionaries(
        {
            "uscc": st.none() | CODES,
            "subject_name": st.sampled_from(["甲协会", "乙商会", "丙厂"]),
            "stage": st.sampled_from(["流通", "餐饮", None]),
            "credit_grade": st.sampled_from(["A", "B", None]),
            "blacklisted": st.none() | st.booleans(),
            "penalty_doc_nos": st.none() | st.lists(st.sampled_from(["一号", "二号"]), max_size=2),
            "credit_graded_on": DAYS,
        }
    ),
    "food_trace_ledger": st.fixed_dictionaries(
        {"operator_uscc": st.none() | CODES, "happened_at": DAYS.map(lambda day: day and day + "T08:00:00+08:00")}
    ),
    "authority_item": st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["行政许可", "行政处罚"]),
            "statutory_days": st.none() | st.integers(0, 60),
            "promised_days": st.none() | st.integers(0, 60),
            "effective_from": DAYS,
        }
    ),
}  # fmt: skip
TABLES = st.fixed_dictionaries({name: st.lists(one, max_size=12) for name, one in RECORDS.items()})

CONDITIONS = st.dictionaries(
    st.sampled_from(["x"]),
    st.sampled_from(
        [
            {"stage": "流通"},
            {"stage": ["流通", "餐饮"], "blacklisted": True},
            {"credit_grade": {"not": ["B"]}},
            {"subject_name": {"contains": ["协会", "商会"]}},
            {"subject_name": {"without": ["会"]}},
            {"penalty_doc_nos": "一号"},
            {"penalty_doc_nos": {"not": ["一号"], "present": True}},
            {"credit_graded_on": {"from": "2025-06-01", "until": "2026-06-01"}},
            {"penalty_doc_nos": {"present": False}},
        ]
    ),
    max_size=1,
).map(lambda found: found.get("x", {}))


@st.composite
def queries(draw: st.DrawFn) -> dict[str, Any]:
    """Any measure that can be declared over these datasets."""
    kind = draw(st.sampled_from([COUNT, SHARE, MEDIAN, REDUCTION]))
    clock = draw(st.sampled_from([None, "within", "upto"]))
    told: dict[str, Any] = {"dataset": "food_operator_credit", "where": draw(CONDITIONS)}
    dated = "credit_graded_on"
    if kind in (MEDIAN, REDUCTION):
        told = {
            "dataset": "authority_item",
            "where": draw(st.sampled_from([{}, {"kind": "行政许可"}])),
        }
        told |= (
            {"value": "promised_days"}
            if kind == MEDIAN
            else {"from": "statutory_days", "to": "promised_days"}
        )
        dated = "effective_from"
    elif draw(st.booleans()):
        told["distinct"] = "uscc"
    if kind == SHARE and draw(st.booleans()):
        told |= {
            "distinct": "uscc",
            "found_in": {"dataset": "food_trace_ledger", "field": "operator_uscc"},
        }
        dated = "happened_at"
    elif kind == SHARE:
        told["having"] = {"credit_grade": "A"}
    if clock:
        told |= {clock: dated, "every": draw(st.sampled_from(list(MONTHS)))}
    return {kind: told}  # fmt: skip


def scan(tables: Mapping[str, list[dict[str, Any]]], name: str) -> pl.LazyFrame:
    dtypes = CATALOGUE.get(name).dtypes
    rows = [{field: row.get(field) for field in dtypes} for row in tables[name]]
    frame = pl.DataFrame(rows, schema=dict(dtypes), orient="row")
    return frame.with_row_index("_key").with_columns(pl.col("_key").cast(pl.String)).lazy()


@settings(max_examples=400, deadline=None)
@given(queries(), TABLES)
def test_a_measure_is_what_the_records_say(
    told: dict[str, Any], tables: dict[str, list[dict[str, Any]]]
) -> None:
    query = read_query(told, CATALOGUE, "t")
    found = measure(query, lambda name: scan(tables, name), CATALOGUE, BEGUN, DAY)
    assert found[-1].period == period_of(DAY, query.every or "month")
    for one in found:
        value, base = measured(query, tables, (one.period.begin, one.period.end), DAY)
        assert (one.value is None) == (value is None)
        if value is not None and one.value is not None:
            assert abs(one.value - value) < 1e-9
        if base is not None:
            assert one.denominator == base


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_units_are_the_records_that_explain_a_value(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    told = {
        "share": {
            "dataset": "food_operator_credit",
            "distinct": "uscc",
            "found_in": {"dataset": "food_trace_ledger", "field": "operator_uscc"},
        }
    }
    query = read_query(told, CATALOGUE, "t")
    rows = units(query, lambda name: scan(tables, name), CATALOGUE, DAY)
    (one,) = measure(query, lambda name: scan(tables, name), CATALOGUE, BEGUN, DAY)
    assert rows.filter("counts")["unit"].n_unique() == one.numerator
    assert rows["unit"].n_unique() == one.denominator
    keys = [str(n) for n, row in enumerate(tables["food_operator_credit"]) if row["uscc"]]
    assert sorted(rows["_key"]) == sorted(keys)


@given(
    st.dates(date(2013, 1, 1), date(2030, 1, 1)),
    st.dates(date(2013, 1, 1), date(2030, 1, 1)),
    st.sampled_from(list(MONTHS)),
)
def test_periods_have_every_day_once(one: date, other: date, every: str) -> None:
    first, last = min(one, other), max(one, other)
    found = periods(first, last, every)
    assert found[0].begin <= first <= found[0].end
    assert found[-1].begin <= last <= found[-1].end
    for before, after in pairwise(found):
        assert (after.begin - before.end).days == 1
    assert len({period.name for period in found}) == len(found)
    assert all(period_of(period.end, every) == period for period in found)


def test_the_steps_of_electronic_tracing() -> None:
    """Four operators; two traced in 2013, one more in 2015."""
    tables = {
        "food_operator_credit": [{"uscc": code, "stage": "流通"} for code in ("A", "A", "B", "C", "D")],
        "food_trace_ledger": [
            {"operator_uscc": "A", "happened_at": "2013-12-01T08:00:00+08:00"},
            {"operator_uscc": "A", "happened_at": "2014-05-01T08:00:00+08:00"},
            {"operator_uscc": "B", "happened_at": "2013-12-31T23:59:00+08:00"},
            {"operator_uscc": "C", "happened_at": "2015-01-01T00:10:00+08:00"},
            {"operator_uscc": "Z", "happened_at": "2013-12-01T00:10:00+08:00"},
        ],
        "authority_item": [],
    }  # fmt: skip
    told = {
        "share": {
            "dataset": "food_operator_credit", "distinct": "uscc", "upto": "happened_at", "every": "year",
            "found_in": {"dataset": "food_trace_ledger", "field": "operator_uscc"},
        }
    }  # fmt: skip
    query = read_query(told, CATALOGUE, "t")
    found = measure(
        query, lambda name: scan(tables, name), CATALOGUE, date(2013, 11, 28), date(2016, 2, 1)
    )
    assert [(one.period.name, one.value, one.numerator, one.denominator) for one in found] == [
        ("2013", 50.0, 2, 4), ("2014", 50.0, 2, 4), ("2015", 75.0, 3, 4), ("2016", 75.0, 3, 4),
    ]  # fmt: skip
