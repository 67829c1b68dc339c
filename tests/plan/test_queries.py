"""What is wrong in a target's declaration is told with the target, the place and what it has to be."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.plan_query import read_query
from exchange_schemas.plan_targets import read_plan

CATALOGUE = load_catalogue()
TRACE = {"dataset": "food_trace_ledger", "field": "operator_uscc"}


@pytest.mark.parametrize(
    ("told", "code", "value"),
    [
        ({"count": {"dataset": "food_ledger"}}, "plan_dataset_unknown", "food_ledger"),
        ({"count": {"dataset": "typical_case", "where": {"feld": "价格"}}}, "plan_field_unknown", "feld"),
        ({"count": {"dataset": "typical_case", "distinct": "nobody"}}, "plan_field_unknown", "nobody"),
        ({"median": {"dataset": "authority_item", "value": "days"}}, "plan_field_unknown", "days"),
        ({"median": {"dataset": "authority_item"}}, "plan_measure_invalid", "value"),
        ({"reduction": {"dataset": "authority_item", "from": "statutory_days"}}, "plan_measure_invalid", "to"),
        ({"sum": {"dataset": "authority_item"}}, "plan_measure_invalid", None),
        ({"count": {"dataset": "typical_case", "having": {"field": "价格"}}}, "plan_measure_invalid", "having"),
        ({"count": {"dataset": "typical_case", "every": "week", "within": "published_on"}}, "plan_measure_invalid", "every: week"),
        ({"count": {"dataset": "typical_case", "every": "year"}}, "plan_measure_invalid", "year"),
        ({"count": {"dataset": "typical_case", "within": "published_on"}}, "plan_measure_invalid", "published_on"),
        ({"share": {"dataset": "typical_case"}}, "plan_measure_invalid", "having, found_in"),
        ({"share": {"dataset": "food_operator_credit", "found_in": TRACE}}, "plan_measure_invalid", "distinct"),
        ({"share": {"dataset": "food_operator_credit", "distinct": "uscc", "found_in": {"dataset": "x", "field": "y"}}}, "plan_dataset_unknown", "x"),
        ({"count": {"dataset": "industry_association", "where": {"decoupled": "是"}}}, "plan_condition_invalid", "is: 是"),
        ({"count": {"dataset": "authority_item", "where": {"promised_days": {"contains": 3}}}}, "plan_condition_invalid", "contains: 3"),
        ({"count": {"dataset": "authority_item", "where": {"status": {"like": "在用"}}}}, "plan_condition_invalid", "like: 在用"),
        ({"count": {"dataset": "authority_item", "where": ["status"]}}, "plan_measure_invalid", "['status']"),
    ],
)  # fmt: skip
def test_a_wrong_measure_is_refused(told: Any, code: str, value: str | None) -> None:
    with pytest.raises(Misdeclared) as refused:
        read_query(told, CATALOGUE, "e-trace")
    issue = refused.value.issue
    assert issue.code == code
    assert value is None or issue.value == value
    for locale in ("zh_CN", "en"):
        message = issue.message(locale)
        assert "e-trace" in message and "{expected}" not in message and str(issue.value) in message
    assert issue.message("zh_CN") != issue.message("en")


PLAN = """
plan: 方案
begun: 2013-11-28
targets:
  one:
    title: {zh: 甲, en: A}
    sub_plan: 分方案
    place: 一
    says: 原文
    departments: [市工商局, 市质监局]
    unit: "%"
    steps: {2014-12-31: 80, 2013-12-31: 50}
    measure: {reported: {every: year}}
"""


def test_a_target_as_it_is_declared() -> None:
    target = read_plan(PLAN).target("one")
    assert target.accountable == "市工商局"
    assert [(str(step.by), step.value) for step in target.steps] == [
        ("2013-12-31", 50),
        ("2014-12-31", 80),
    ]


@pytest.mark.parametrize(
    ("before", "after", "code", "value"),
    [
        ("says: 原文", "says: ''", "plan_target_invalid", "says"),
        (
            "departments: [市工商局, 市质监局]",
            "departments: []",
            "plan_target_invalid",
            "departments",
        ),
        ("steps: {2014-12-31: 80, 2013-12-31: 50}", "place: 二", "plan_target_invalid", "steps"),
        (
            "en: A}",
            "en: A, and B}",
            "plan_target_invalid",
            "title: {'zh': '甲', 'en': 'A', 'and B': None}",
        ),
        ("2014-12-31: 80", "年底: 80", "plan_target_invalid", "steps: 年底: 80"),
    ],
)
def test_a_wrong_target_is_refused(before: str, after: str, code: str, value: str) -> None:
    text = PLAN.replace("    place: 一\n", "") if after.startswith("place") else PLAN
    with pytest.raises(Misdeclared) as refused:
        read_plan(text.replace(before, after))
    assert (refused.value.issue.code, refused.value.issue.value) == (code, value)


def test_a_contradiction_names_targets_that_there_are() -> None:
    more = PLAN + (
        "contradictions:\n  c:\n    title: {zh: 甲, en: A}\n    treated: {zh: 甲, en: A}\n"
        "    says: [{sub_plan: 分方案, quote: 原文}]\n    targets: [two]\n"
    )
    with pytest.raises(Misdeclared) as refused:
        read_plan(more)
    assert refused.value.issue.code == "plan_target_unknown"
