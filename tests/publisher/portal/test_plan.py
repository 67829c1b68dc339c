"""Progress against the plan on the portal: from the release, beside the plan's words, both days shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.plan_targets import the_plan
from hub.plan.progress import words_of
from publisher.portal.app import create_portal
from publisher.portal.plan_view import STATES, chart, counts_by_state, progress_by_target
from tests.publisher.portal.conftest import release

PLAN = the_plan()


def record(
    target: str, period: str, value: str | None, status: str, **more: Any
) -> dict[str, Any]:
    """A record of a year's value; for 2013 and later."""
    return {
        "record_id": f"{target}-{period}", **words_of(PLAN, PLAN.target(target)), "period": period,
        "period_from": f"{period}-01-01", "period_until": f"{period}-12-31", "value": value,
        "target_value": "100", "target_date": "2015-12-31", "status": status, "past_due": status == "落后",
        "measured_by": "计算", "datasets": ["food_operator_credit"], "numerator": "3", "denominator": "4",
        **more,
    }  # fmt: skip


ROWS = [
    record("e-trace", "2014", "50", "按期推进", target_value="80", target_date="2014-12-31"),
    record("e-trace", "2013", "40", "落后", target_value="50", target_date="2013-12-31"),
    record("e-trace", "2015", "75", "落后"),
    record("approval-time-2015", "2015", "40", "落后", target_value="50", target_date="2015-12-31"),
    record("approval-time-2017", "2015", "40", "按期推进", target_value="50", target_date="2017-12-31"),
    record("city-platform", "2015", None, "无法计量", reason="还没有部门报送这项目标的数值", datasets=["plan_report"]),
]  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    release(tmp_path, "target_progress", ROWS)
    return create_portal(tmp_path, load_catalogue()).test_client()


def test_the_page_shows_each_target_with_its_day_and_state(client: FlaskClient) -> None:
    page = client.get("/plan").get_data(as_text=True)
    for words in ("75 %", "2015-12-31", "2017-12-31", "落后", "期限已过", "还没有部门报送"):
        assert words in page
    assert page.count("方案前后不一") >= 3
    for quote in ("办结时限总体缩短50%左右", "2017年,各级行政审批事项办结时限总体缩短50%以上。"):
        assert quote in page
    english = client.get("/plan?lang=en").get_data(as_text=True)
    assert "Half the approval time" in english and "Behind" in english


def test_a_target_has_its_words_its_numbers_and_its_chart(client: FlaskClient) -> None:
    page = client.get("/plan/e-trace").get_data(as_text=True)
    assert PLAN.target("e-trace").says in page
    assert page.index(">2015</td>") < page.index(">2013</td>")
    assert "3 / 4" in page and "<code>food_operator_credit</code>" in page
    drawn = client.get("/plan/e-trace/chart.svg")
    assert drawn.mimetype == "image/svg+xml" and "目标值和期限" in drawn.get_data(as_text=True)
    assert "To be reached" in client.get("/plan/e-trace/chart.svg?lang=en").get_data(as_text=True)
    again = client.get("/plan/e-trace/chart.svg", headers={"If-None-Match": drawn.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_not_there(client: FlaskClient, tmp_path: Path) -> None:
    assert client.get("/plan/nothing").status_code == 404
    assert client.get("/plan/websites").status_code == 404
    assert client.get("/plan/city-platform/chart.svg").status_code == 404
    empty = create_portal(tmp_path / "none", load_catalogue()).test_client()
    assert "还没有公布" in empty.get("/plan").get_data(as_text=True)
    assert empty.get("/plan/e-trace").status_code == 404


def test_the_files_open_in_a_spreadsheet(client: FlaskClient) -> None:
    for name, start in (("records-excel.csv", b"\xef\xbb\xbf"), ("records.xlsx", b"PK")):
        found = client.get(f"/datasets/target_progress/latest/{name}", follow_redirects=True)
        assert found.status_code == 200 and found.data.startswith(start)
    text = client.get("/datasets/target_progress/latest/records-excel.csv", follow_redirects=True)
    assert "方案原文" in text.data.decode("utf-8-sig") and "报送编号" not in text.data.decode(
        "utf-8-sig"
    )


def test_the_chart_has_values_and_steps() -> None:
    (one,) = progress_by_target(ROWS[:3]).values()
    spec = chart(one, ("Measured", "Goal"), "%")
    points = [(row["series"], row["day"], row["value"]) for row in spec["data"]["values"]]
    assert points == [
        ("Measured", "2013-12-31", 40.0), ("Measured", "2014-12-31", 50.0), ("Measured", "2015-12-31", 75.0),
        ("Goal", "2013-11-28", 50.0), ("Goal", "2013-12-31", 50.0),
        ("Goal", "2014-01-01", 80.0), ("Goal", "2014-12-31", 80.0),
        ("Goal", "2015-01-01", 100.0), ("Goal", "2015-12-31", 100.0),
    ]  # fmt: skip


def test_what_was_reached_after_its_day_only_says_so(tmp_path: Path) -> None:
    rows = [record("websites", "2026", "95", "已达到"), record("e-trace", "2015", "100", "已达到")]
    late = {name: one.late for name, one in progress_by_target(rows).items()}
    assert late == {"websites": True, "e-trace": False}
    release(tmp_path, "target_progress", rows)
    page = (
        create_portal(tmp_path, load_catalogue()).test_client().get("/plan").get_data(as_text=True)
    )
    assert page.count("期限之后的计量") == 1


def test_one_value_is_a_mark() -> None:
    (one,) = progress_by_target(ROWS[3:4]).values()
    spec = chart(one, ("Measured", "Goal"), "%")
    assert [layer["data"]["values"] for layer in spec["layer"] if "data" in layer] == [
        [{"day": "2015-12-31", "value": 40.0, "mark": "Measured"}]
    ]


def test_targets_are_counted_by_their_last_state() -> None:
    assert counts_by_state(progress_by_target(ROWS)) == dict(
        zip(STATES, (0, 1, 2, 1), strict=True)
    )
