"""The plan's targets in the console: what is shown, what explains it, and what can be taken along."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.cli.main import hub
from tests.console.console_site import Staff, make_staff, text_of
from tests.hub.ledger_data import put

SHOP = {"subject_name": "店", "stage": "流通"}


@pytest.fixture
def staff(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Staff:
    """Three food operators, of whom one is traced; computed."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    staff = make_staff(tmp_path, database_url)
    console = staff.console
    put(console.engine, "food_operator_credit", [SHOP | {"uscc": f"S{n}"} for n in range(3)])
    put(console.engine, "food_trace_ledger",
        [{"trace_batch_no": "T", "operator_uscc": "S1", "happened_at": "2026-06-01T08:00:00+08:00"}])  # fmt: skip
    put(console.engine, "plan_report", [
        a_report("B1", target_id="e-tracing"), a_report("B2", target_id="e-trace", value="99"),
        a_report("B3", sub_plan="食品方案"), a_report("B4", target_id="food-progress"),
        a_report("B5"), a_report("B6", target_id="nothing", state="撤回"), a_report("B7", target_id="e-trace"),
    ])  # fmt: skip
    computing.compute(console.site, console.engine, [ANALYSES["targets"]])
    return staff


def a_report(number: str, **more: str) -> dict[str, str]:
    return {
        "report_no": number, "sub_plan": "食品安全监管体系建设工作方案", "department": "市农业局", "state": "有效",
        "period_from": "2026-07-01", "period_until": "2026-09-30", "reported_on": "2026-10-08", "title": "进展",
        **more,
    }  # fmt: skip


def test_the_list_has_every_target_beside_its_day(staff: Staff) -> None:
    page = text_of(staff.person("wang", "reviewer").get("/plan"))
    for words in (
        "食品经营企业使用电子追溯系统",
        "33.33 %",
        "2015-12-31",
        "落后",
        "期限已过",
        "市工商局",
    ):
        assert words in page
    for words in ("办结时限缩短一半：2015年还是2017年", "还没有部门报送这项目标的数值"):
        assert words in page


def test_reports_that_no_target_counts_are_told_with_the_reason(staff: Staff) -> None:
    page = text_of(staff.person("wang", "reviewer").get("/plan"))
    _, _, told = page.partition("未计入的报送")
    for number, why in (
        ("B1", "方案中没有这个编号的目标"), ("B2", "按其他数据集的记录计算"), ("B3", "方案中没有这个名称的分方案"),
        ("B4", "只计不填目标编号的报送"),
    ):  # fmt: skip
        assert number in told and why in told, number
    assert not [number for number in ("B5", "B6", "B7") if number in told]


def test_a_target_is_explained_to_the_record(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    page = text_of(browser.get("/plan/e-trace"))
    assert "信誉通" not in page and "50%的食品经营企业使用电子追溯系统" in page
    assert "1 / 3" in page and "共 3 条记录，目前计入 1 条" in page
    drawn = browser.get("/plan/e-trace/chart.svg")
    assert drawn.mimetype == "image/svg+xml" and drawn.data.startswith(b"<svg")
    assert browser.get("/plan/city-platform/chart.svg").status_code == 404
    assert browser.get("/plan/nothing").status_code == 404


def test_it_can_be_taken_along(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    lines = browser.get("/plan/progress.csv").data.decode("utf-8-sig").splitlines()
    sheet = openpyxl.load_workbook(BytesIO(browser.get("/plan/progress.xlsx").data)).worksheets[0]
    assert len(lines) == sheet.max_row > 40
    assert lines[0].split(",")[0] == sheet["A1"].value == "目标编号"


def test_before_anything_was_computed(tmp_path: Path) -> None:
    staff = make_staff(tmp_path)
    browser = staff.person("wang", "reviewer")
    assert "还没有计算结果" in text_of(browser.get("/plan"))
    assert browser.get("/plan/progress.csv").data.decode("utf-8-sig").count("\r\n") == 1


def test_the_commands(staff: Staff) -> None:
    def ask(*words: str) -> str:
        found = CliRunner().invoke(hub, ["--site", str(staff.console.site.path), "plan", *words])
        assert found.exit_code == 0, found.output
        return found.stdout

    listed = {one["id"]: one for one in json.loads(ask("targets", "--json"))}
    assert listed["e-trace"]["latest"]["value"] == "33.33"
    told = json.loads(ask("show", "e-trace", "--records", "--json"))
    assert [(one["unit"], one["counts"]) for one in told["records"]] == [
        ("S0", False),
        ("S2", False),
        ("S1", True),
    ]
    assert told["progress"][-1]["status"] == "落后"
    assert (
        len(json.loads(ask("show", "approval-time-2015", "--json"))["contradictions"][0]["says"])
        == 3
    )
    assert [one["day"] for one in told["records"]][-1] == "2026-06-01"
    assert [one["report_no"] for one in told["uncounted"]] == ["B2"]
    assert "B1" in ask("targets") and "B2" in ask("show", "e-trace")
    counted = json.loads(ask("report", "--json"))
    assert [one["why"] for one in counted["uncounted"]] == [
        "without_target", "no_sub_plan", "computed", "no_target",
    ]  # fmt: skip
    assert counted["all"]["落后"] == sum(one["落后"] for one in counted["sub_plans"].values()) > 0
    assert (
        "电子追溯" in ask("targets")
        and "S2" in ask("show", "e-trace", "--records")
        and "合计" in ask("report")
    )
    wrong = CliRunner().invoke(hub, ["--site", str(staff.console.site.path), "plan", "show", "x"])
    assert wrong.exit_code == 1 and "plan_target_unknown" in wrong.output
