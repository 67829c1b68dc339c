"""Conditions as data hold for the same records as when they are read word by word."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.conditions import check_condition, fields_named, holds, parse_condition
from exchange_schemas.errors import Misdeclared

STANDARD = load_catalogue().get("administrative_penalty")
FIELDS = STANDARD.fields
REPORT = load_catalogue().get("complaint_report")
Record = Mapping[str, Any]
KINDS = ("警告", "通报批评", "罚款", "没收违法所得")


def found(condition: Any, *records: Record, lacking: bool = False) -> list[bool]:
    rows = pl.DataFrame([*records], schema=STANDARD.dtypes)
    asked = holds(condition, FIELDS, lacking=lacking).alias("held")
    held: list[bool] = rows.select("doc_no", asked)["held"].to_list()
    return held


FINED = {"penalty_kinds": ["罚款", "警告"], "fine_wan": "0.5", "decided_on": "2026-01-31"}

CASES: list[tuple[Any, Record, bool]] = [
    ({}, {}, True),
    ([], FINED, False),
    ({"decided_on": ["2026-01-31"]}, FINED, True),
    ({"penalty_kinds": ["罚款"]}, FINED, True),
    ({"penalty_kinds": ["没收违法所得", "警告"]}, FINED, True),
    ({"penalty_kinds": ["没收违法所得"]}, FINED, False),
    ({"penalty_kinds": ["罚款"]}, {}, False),
    ({"penalty_kinds": ["罚款"]}, {"penalty_kinds": []}, False),
    ({"penalty_kinds": {"only": ["罚款", "警告"]}}, FINED, True),
    ({"penalty_kinds": {"only": ["罚款"]}}, FINED, False),
    ({"penalty_kinds": {"only": ["罚款"]}}, {"penalty_kinds": []}, False),
    ({"penalty_kinds": {"only": ["罚款"]}}, {}, False),
    ({"penalty_kinds": {"empty": True}}, {}, True),
    ({"penalty_kinds": {"empty": True}}, {"penalty_kinds": []}, True),
    ({"penalty_kinds": {"empty": False}}, FINED, True),
    ({"uscc": {"empty": True}}, {"uscc": ""}, True),
    ({"uscc": {"empty": True}}, {"uscc": "91440902MA0000015X"}, False),
    ({"uscc": {"empty": False}}, {}, False),
    ({"fine_wan": {"below": "0.5"}}, FINED, False),
    ({"fine_wan": {"at_most": "0.5"}}, FINED, True),
    ({"fine_wan": {"at_least": "0.50"}}, FINED, True),
    ({"fine_wan": {"above": "0.5"}}, FINED, False),
    ({"fine_wan": {"above": 0, "below": 1}}, FINED, True),
    ({"fine_wan": {"below": "0.3"}}, {"fine_wan": "0.299999"}, True),
    ({"fine_wan": {"above": "0.3"}}, {"fine_wan": "0.300001"}, True),
    # 0.1 + 0.2 isn't 0.3 in binary
    ({"fine_wan": {"at_most": "0.3"}}, {"fine_wan": "0.3"}, True),
    ({"fine_wan": {"above": "999999999999.999998"}}, {"fine_wan": "999999999999.999999"}, True),
    ({"fine_wan": {"below": "1"}}, {}, False),
    ({"not": {"fine_wan": {"below": "1"}}}, {}, True),
    ({"decided_on": {"from": "2026-01-31", "until": "2026-01-31"}}, FINED, True),
    ({"decided_on": {"from": "2026-02-01"}}, FINED, False),
    ({"decided_on": {"until": "2026-01-30"}}, FINED, False),
    ({"decided_on": {"until": "2026-01-30"}}, {}, False),
    ({"penalty_kinds": ["罚款"], "fine_wan": {"below": "1"}}, FINED, True),
    ({"penalty_kinds": ["罚款"], "fine_wan": {"below": "0.1"}}, FINED, False),
    ([{"penalty_kinds": ["没收违法所得"]}, {"fine_wan": {"below": "1"}}], FINED, True),
    ({"not": [{"penalty_kinds": ["没收违法所得"]}, {"fine_wan": {"below": "1"}}]}, FINED, False),
    ({"not": {"not": {"penalty_kinds": ["罚款"]}}}, {}, False),
    ({"long_term": [True]}, {"long_term": True}, True),
    ({"long_term": ["false"]}, {"long_term": True}, False),
]


@pytest.mark.parametrize(("condition", "record", "expected"), CASES)
def test_what_holds(condition: Any, record: Record, expected: bool) -> None:
    assert found(condition, record) == [expected]
    assert found(condition, record, {}, record)[::2] == [expected, expected]


def test_a_moment_is_compared_by_its_day() -> None:
    rows = pl.DataFrame(
        {"received_at": ["2026-01-31T23:59:59+08:00", "2026-02-01T00:00:00+08:00", None]}
    )
    asked = {
        "from": {"received_at": {"from": "2026-02-01"}},
        "until": {"received_at": {"until": "2026-01-31"}},
        "on": {"received_at": ["2026-01-31"]},
    }
    told = rows.select(holds(one, REPORT.fields).alias(name) for name, one in asked.items())
    assert told.to_dict(as_series=False) == {
        "from": [False, True, False],
        "until": [True, False, False],
        "on": [True, False, False],
    }


# what is wrong, and how it is told
WRONG: list[tuple[Any, str]] = [
    ({"robot": ["a"]}, "condition robot: there is no field"),
    ({"doc_no": {"like": "a"}}, "doc_no: there is no form like; known are: any, only"),
    ({"doc_no": {}}, "nothing is asked"),
    ({"doc_no": "a"}, "needs a list of values"),
    ({"doc_no": []}, "needs a list of values"),
    ({"doc_no": [1]}, 'write 1 as "1"'),
    ({"doc_no": {"only": ["a"]}}, "only: is asked of lists"),
    ({"doc_no": {"empty": "yes"}}, "empty: is true or false"),
    ({"doc_no": {"below": "1"}}, "isn't an amount"),
    ({"doc_no": {"from": "2026-01-01"}}, "isn't a date"),
    ({"fine_wan": {"below": 0.5}}, '0.5 isn\'t a number; write it as "0.5"'),
    ({"fine_wan": {"below": "NaN"}}, "NaN isn't a number"),
    ({"fine_wan": {"below": True}}, "True isn't a number"),
    ({"fine_wan": {"below": "a lot"}}, "a lot isn't a number"),
    ({"decided_on": {"from": "2026-02-30"}}, "2026-02-30 isn't a day"),
    ({"long_term": ["maybe"]}, "maybe is no boolean"),
    ({"not": {"robot": ["a"]}}, "condition robot"),
    ([{"doc_no": ["a"]}, {"robot": ["a"]}], "condition robot"),
    ("doc_no", "a condition is a mapping or a list"),
]


@pytest.mark.parametrize(("condition", "message"), WRONG)
def test_what_cannot_be_asked(condition: Any, message: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        check_condition(condition, FIELDS)
    assert caught.value.issue.code == "condition_invalid"
    assert message in caught.value.issue.message("en")
    assert "{" not in caught.value.issue.message()


def test_a_field_that_an_earlier_version_lacks_counts_as_empty() -> None:
    for told, expected in [(["a"], False), ({"empty": True}, True), ({"empty": False}, False)]:
        assert found({"robot": told}, FINED, lacking=True) == [expected]
    assert found({"not": {"robot": ["a"]}}, FINED, lacking=True) == [True]


PARSED: list[tuple[list[str], dict[str, Any]]] = [
    (["authority=茂名市市场监督管理局"], {"authority": {"any": ["茂名市市场监督管理局"]}}),
    (["penalty_kinds~罚款", "penalty_kinds~警告"], {"penalty_kinds": {"any": ["罚款", "警告"]}}),
    (["decided_on>=2026-01-01", "decided_on<=2026-12-31"],
     {"decided_on": {"from": "2026-01-01", "until": "2026-12-31"}}),
    (["fine_wan<0.5"], {"fine_wan": {"below": "0.5"}}),
    (["fine_wan>=0.5", "fine_wan <= 2"], {"fine_wan": {"at_least": "0.5", "at_most": "2"}}),
    (["uscc="], {"uscc": {"empty": True}}),
    (["uscc!="], {"uscc": {"empty": False}}),
    (["case_name=a=b<c"], {"case_name": {"any": ["a=b<c"]}}),
    ([], {}),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "condition"), PARSED)
def test_conditions_of_the_command_line(texts: list[str], condition: dict[str, Any]) -> None:
    assert parse_condition(texts) == condition
    check_condition(parse_condition(texts), FIELDS)
    assert fields_named(condition) == condition.keys()


@pytest.mark.parametrize("text", [
    "", "uscc", "=a", "uscc!=9", "decided_on>2026-01-01", "decided_on<2026-01-01", "处罚=罚款",
])  # fmt: skip
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        parse_condition([text])
    assert caught.value.issue.code == "condition_invalid"


def test_two_bounds_of_one_kind_are_refused() -> None:
    with pytest.raises(Misdeclared, match="two of these"):
        parse_condition(["fine_wan<1", "fine_wan<2"])


AMOUNTS = st.decimals(0, 3, places=6).map(str)
DAYS = st.dates().map(str)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "penalty_kinds": st.lists(st.sampled_from(KINDS), max_size=3),
        "fine_wan": AMOUNTS,
        "decided_on": DAYS,
        "procedure": st.sampled_from(["简易程序", "普通程序"]),
    },
)
ATOMS = st.one_of(
    st.lists(st.sampled_from(KINDS), min_size=1).flatmap(
        lambda told: st.sampled_from([{"penalty_kinds": told}, {"penalty_kinds": {"only": told}}])
    ),
    st.builds(lambda form, bound: {"fine_wan": {form: bound}},
              st.sampled_from(["below", "at_most", "above", "at_least"]), AMOUNTS),
    st.builds(lambda form, day: {"decided_on": {form: day}},
              st.sampled_from(["from", "until"]), DAYS),
    st.builds(lambda name, told: {name: {"empty": told}},
              st.sampled_from(["penalty_kinds", "fine_wan", "procedure"]), st.booleans()),
    st.just({"procedure": ["简易程序"]}),
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda told: {"not": told}, inner),
        st.lists(inner.filter(lambda one: isinstance(one, dict)), max_size=3),
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(CONDITIONS, st.lists(RECORDS, min_size=1, max_size=5))
def test_any_condition_is_judged_as_it_reads(condition: Any, records: list[Record]) -> None:
    assert found(condition, *records) == [_reads(condition, record) for record in records]


def _reads(condition: Any, record: Record) -> bool:
    if isinstance(condition, list):
        return any(_reads(one, record) for one in condition)
    return all(
        not _reads(told, record) if name == "not" else _asked(told, record.get(name) or None)
        for name, told in condition.items()
    )


def _asked(told: Any, value: Any) -> bool:
    forms = told if isinstance(told, dict) else {"any": told}
    return all(_form(form, bound, value) for form, bound in forms.items())


def _form(form: str, bound: Any, value: Any) -> bool:
    if form == "empty" or value is None:
        return form == "empty" and (value is None) == bound
    values = value if isinstance(value, list) else [value]
    if form in ("any", "only"):
        return (any if form == "any" else all)(one in bound for one in values)
    if form in ("from", "until"):
        return bool(value >= bound if form == "from" else value <= bound)
    amount, limit = Decimal(value), Decimal(bound)
    return {
        "below": amount < limit,
        "at_most": amount <= limit,
        "above": amount > limit,
        "at_least": amount >= limit,
    }[form]
