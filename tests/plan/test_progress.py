"""From the records of departments to target_progress in the ledger, on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from exchange_schemas.plan_targets import the_plan
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.current import current_fields
from hub.plan.progress import shown
from hub.verify import verify
from tests.analysis.conftest import Place, place
from tests.hub.ledger_data import put

__all__ = ["place"]

DAY = date(2026, 11, 30)
MECHANISMS = ("operating", "integrity", "disclosure", "competition", "sanction", "discipline")
PLATFORM = "市场监管信息平台体系建设工作方案"
FOOD = "食品安全监管体系建设工作方案"


def association(number: int, **more: Any) -> dict[str, Any]:
    return {
        "name": f"茂名市第{number}协会", "uscc": f"51440900MJ{number:07d}X", "industry": "零售业",
        "level": "市级", "registration_authority": "茂名市民政局", "status": "正常", **more,
    }  # fmt: skip


def report(number: str, **more: Any) -> dict[str, Any]:
    return {
        "report_no": number, "sub_plan": PLATFORM, "department": "市经信局", "period_from": "2014-01-01",
        "period_until": "2014-06-30", "reported_on": "2014-07-02", "title": "进展", "state": "有效", **more,
    }  # fmt: skip


def compute(place: Place, day: date = DAY) -> dict[str, Any]:
    found = computing.compute(place.site, place.engine, [ANALYSES["targets"]], day=day)
    counts: dict[str, Any] = found["targets"]["target_progress"]
    return counts


def progress(place: Place) -> pl.DataFrame:
    dtypes = place.catalogue.get("target_progress").dtypes
    with place.engine.connect() as connection:
        return current_fields(connection, "target_progress", dtypes)


def of(rows: pl.DataFrame, target: str) -> list[tuple[Any, ...]]:
    mine = rows.filter(pl.col("target_id") == target).sort("period")
    return mine.select("period", "value", "status", "past_due").rows()


@pytest.fixture
def town(place: Place) -> Place:
    """Ten associations, five operators of which three are traced, cases, items, reports."""
    full = {f"has_{name}_rules": True for name in MECHANISMS}
    some = [
        association(n, **(full if n < 9 else {}), has_website=n < 5, has_blacklist_system=n < 7,
                    decoupled=n < 4, decoupled_on="2013-12-01" if n < 2 else None)
        for n in range(10)
    ]  # fmt: skip
    put(place.engine, "industry_association", [*some, association(99, status="注销")])
    put(place.engine, "food_operator_credit",
        [{"subject_name": f"店{n}", "uscc": f"S{n}", "stage": "流通"} for n in range(5)])  # fmt: skip
    put(place.engine, "food_trace_ledger", [
        {"trace_batch_no": f"T{n}", "operator_uscc": f"S{n}", "happened_at": f"{year}-06-01T08:00:00+08:00"}
        for n, year in enumerate((2025, 2025, 2026))
    ])  # fmt: skip
    put(place.engine, "typical_case", [
        {"case_id": "a", "field": "价格", "published_on": "2025-08-01"},
        {"case_id": "b", "field": "消费", "published_on": "2026-02-01"},
        {"case_id": "c", "field": "价格", "published_on": "2026-09-01"},
    ])  # fmt: skip
    put(place.engine, "authority_item", [{"implementing_org": "市工商局"} | item for item in [
        {"item_code": "1", "kind": "行政许可", "status": "在用", "statutory_days": 20, "promised_days": 8},
        {"item_code": "2", "kind": "行政许可", "status": "在用", "statutory_days": 10, "promised_days": 10},
        {"item_code": "3", "kind": "行政许可", "status": "取消", "effective_to": "2025-03-01"},
        {"item_code": "4", "kind": "行政处罚", "status": "在用", "statutory_days": 90, "promised_days": 1},
    ]])  # fmt: skip
    put(place.engine, "plan_report", [
        report("1", target_id="city-platform", value="60", evidence="初验报告"),
        report("2", target_id="city-platform", value="100", evidence="验收意见",
               period_from="2015-01-01", period_until="2015-03-31", reported_on="2015-04-01"),
        report("3", target_id="city-platform", value="1", evidence="误报", state="撤回",
               period_until="2015-06-30", reported_on="2015-07-01"),
        report("4", sub_plan=FOOD, department="市农业局", period_from="2026-07-01",
               period_until="2026-09-30", reported_on="2026-10-08"),
        report("4a", sub_plan=FOOD, department="市食药监局", period_from="2026-07-01", target_id="food-network",
               period_until="2026-09-30", reported_on="2026-10-08"),
    ])  # fmt: skip
    return place


def test_targets_are_measured_and_judged(town: Place) -> None:
    counts = compute(town)
    assert (counts["rejected"], counts["gone"]) == (0, 0)
    rows = progress(town)
    assert set(rows["target_id"]) == set(the_plan().targets)
    assert of(rows, "six-mechanisms") == [("2026-11", "90", "已达到", False)]
    assert of(rows, "websites") == [("2026-11", "50", "落后", True)]
    assert of(rows, "blacklist-systems") == [("2026-11", "70", "落后", True)]
    assert of(rows, "decoupling-associations")[0] == ("2013", "20", "落后", False)
    assert of(rows, "decoupling-associations")[-1] == ("2026", "40", "落后", True)
    assert of(rows, "e-trace") == [("2025", "40", "落后", True), ("2026", "60", "落后", True)]
    assert of(rows, "approval-time-2015") == [("2026-11", "40", "落后", True)]
    assert of(rows, "approval-time-2017") == [("2026-11", "40", "落后", True)]
    assert of(rows, "approval-items") == [
        ("2025", "33.33", "落后", True),
        ("2026", "33.33", "落后", True),
    ]
    assert of(rows, "price-cases-half") == [
        ("2025H2", "1", "已达到", False), ("2026H1", "0", "落后", True), ("2026H2", "1", "已达到", False),
    ]  # fmt: skip
    assert of(rows, "food-progress") == [
        ("2026Q3", "1", "落后", True), ("2026Q4", "0", "按期推进", False),
    ]  # fmt: skip


def test_both_days_of_a_contradiction_are_judged(town: Place) -> None:
    compute(town)
    rows = progress(town).filter(pl.col("target_id").str.starts_with("approval-time"))
    assert sorted(rows["target_date"]) == ["2015-12-31", "2017-12-31"]
    assert rows["contradictions"].to_list() == [["办结时限缩短一半：2015年还是2017年"]] * 2


def test_what_no_dataset_measures_is_what_was_reported(town: Place) -> None:
    compute(town)
    rows = progress(town)
    mine = of(rows, "city-platform")
    assert mine[0] == ("2014H1", "60", "落后", False)
    assert mine[1] == ("2014H2", "60", "落后", True)
    assert mine[2] == ("2015H1", "100", "已达到", False)
    assert mine[-1][:2] == ("2026H2", "100")
    numbers = rows.filter(pl.col("target_id") == "city-platform").sort("period")["report_no"]
    assert numbers.to_list()[:3] == ["1", "1", "2"]
    (missing,) = rows.filter(pl.col("target_id") == "complaint-data-centre").to_dicts()
    assert (missing["status"], missing["value"]) == ("无法计量", None)
    assert missing["reason"] == "还没有部门报送这项目标的数值"


def test_a_second_computing_writes_nothing_and_a_change_only_itself(town: Place) -> None:
    compute(town)
    again = compute(town)
    assert (again["added"], again["changed"], again["gone"]) == (0, 0, 0)
    put(
        town.engine,
        "typical_case",
        [{"case_id": "d", "field": "价格", "published_on": "2026-03-03"}],
    )
    more = compute(town)
    assert (more["added"], more["changed"], more["gone"]) == (0, 2, 0)
    assert of(progress(town), "price-cases-half")[1] == ("2026H1", "1", "已达到", False)
    assert verify(town.site, town.engine).issues == []


def test_a_report_changes_its_own_target_only(town: Place) -> None:
    """What was approved of the others stays approved."""
    compute(town)
    before = progress(town)
    told = report(
        "5", target_id="credit-linkage", value="100", evidence="通知", period_until="2026-10-31"
    )
    put(town.engine, "plan_report", [told])
    compute(town)
    changed = progress(town).join(before, on=before.columns, how="anti", nulls_equal=True)
    assert set(changed["target_id"]) == {"credit-linkage"}


@pytest.mark.parametrize(
    ("value", "text"), [(99.996, "99.99"), (100.0, "100"), (99.5, "99.5"), (100.004, "100"), (None, None)]
)  # fmt: skip
def test_what_isn_t_reached_isn_t_rounded_to_reached(
    value: float | None, text: str | None
) -> None:
    assert shown(value, "100") == text


def test_a_value_is_judged_before_it_is_rounded(town: Place) -> None:
    told = report(
        "5", target_id="credit-linkage", value="99.996", evidence="通知", period_until="2026-10-31"
    )
    put(town.engine, "plan_report", [told])
    compute(town)
    assert of(progress(town), "credit-linkage")[-1] == ("2026", "99.99", "落后", True)


def test_what_has_no_day_is_kept_for_the_months_before(town: Place) -> None:
    compute(town, date(2026, 10, 31))
    put(town.engine, "industry_association", [association(9, has_website=True)])
    compute(town)
    assert of(progress(town), "websites") == [
        ("2026-10", "50", "落后", True), ("2026-11", "60", "落后", True),
    ]  # fmt: skip


def test_a_hub_without_records_says_what_it_misses(place: Place) -> None:
    counts = compute(place)
    rows = progress(place)
    assert counts["added"] == rows.height == len(the_plan().targets)
    assert set(rows["status"]) == {"无法计量"}
    (one,) = rows.filter(pl.col("target_id") == "e-trace").to_dicts()
    assert "食品生产经营者信用" in one["reason"]
    put(
        place.engine,
        "food_operator_credit",
        [{"subject_name": "店", "uscc": "S1", "stage": "流通"}],
    )
    put(place.engine, "food_trace_ledger", [{"trace_batch_no": "T", "operator_uscc": "S1", "happened_at": "2026-06-01T08:00:00+08:00"}])  # fmt: skip
    compute(place, date(2027, 1, 5))
    assert of(progress(place), "e-trace") == [
        ("2026", "100", "已达到", False),
        ("2027", "100", "已达到", False),
    ]


def test_the_analysis_reads_no_file_of_the_plan(tmp_path: Path) -> None:
    """What the targets are is packaged; the plan's own text isn't."""
    assert the_plan().begun == date(2013, 11, 28)
    assert not list(tmp_path.iterdir())
