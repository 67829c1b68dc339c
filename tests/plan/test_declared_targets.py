"""The packaged targets: they quote the plan, name departments that there were, and can be measured."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.departments import department_named
from exchange_schemas.plan_query import read_query
from exchange_schemas.plan_targets import the_plan
from hub.analysis.analyses import ANALYSES

PLAN = the_plan()


@pytest.mark.parametrize("name", PLAN.targets)
def test_a_measure_reads_what_the_analysis_says(name: str) -> None:
    query = read_query(PLAN.targets[name].measure, load_catalogue(), name)
    assert set(query.datasets) <= set(ANALYSES["targets"].reads)


def test_nothing_is_read_that_no_target_needs() -> None:
    needed = {
        dataset
        for name, one in PLAN.targets.items()
        for dataset in read_query(one.measure, load_catalogue(), name).datasets
    }
    assert needed == set(ANALYSES["targets"].reads)


@pytest.mark.parametrize("name", PLAN.targets)
def test_the_accountable_department_was_one_of_the_citys(name: str) -> None:
    assert department_named(PLAN.targets[name].accountable, date(2013, 11, 28)) is not None


def test_quotes_are_the_plans_words(shared: Path) -> None:
    text = (shared / "plan" / "maoming-market-regulation-plan-2013.txt").read_text(
        encoding="utf-8"
    )
    said = [one.says for one in PLAN.targets.values()]
    said += [quote.text for one in PLAN.contradictions.values() for quote in one.says]
    assert [quote for quote in said if quote not in text] == []


def test_a_report_counts_for_its_own_target() -> None:
    """A cadence that is measured by reports names itself, or wants those that name no target; else another's
    reports would count."""
    for name, one in PLAN.targets.items():
        where = next(iter(one.measure.values())).get("where", {})
        reports = "plan_report" in read_query(one.measure, load_catalogue(), name).datasets
        assert not where or not reports or where["target_id"] in (name, {"present": False})
