"""Prices in the console: what moves, one item across its points, an alert and the decision on it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from hub.analysis import computing
from hub.analysis.analyses import find
from hub.database import look
from hub.prices import showing
from tests.console.console_site import Staff, make_staff, text_of
from tests.hub.ledger_data import put
from tests.prices.price_data import calm, days_until, records

OFFICE = "development_reform"
NOW = today()


def price(point: int, jumped: bool, day: date) -> float:
    return calm(day) * (1 + point / 20) * (1.3 if jumped and (NOW - day).days <= 5 else 1)


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    """Seven points of an item, of which one jumped and one is silent today."""
    made = make_staff(tmp_path)
    rows = []
    for point in range(7):
        days = days_until(NOW - timedelta(days=1 if point == 3 else 0), 400)
        more = {"point_code": f"JC{point}", "point_name": f"第{point}市场"}
        rows += records(lambda day, p=point: price(p, p == 6, day), days, **more)  # type: ignore[misc]
    put(made.engine, "price_monitoring", rows)
    computing.compute(made.site, made.engine, [find("prices")], day=NOW)
    return made


def alert_of(staff: Staff) -> dict[str, str]:
    with look(staff.engine) as connection:
        (found,) = showing.alerts(staff.site, connection, load_catalogue()).to_dicts()
    return found


def test_what_moves_and_who_waits(staff: Staff) -> None:
    browser = staff.person("zhou", "submitter")
    text = text_of(browser.get("/prices"))
    alert = alert_of(staff)
    assert alert["point_name"] == "第6市场"
    assert alert["alert_no"] in text and "鲜猪肉" in text and "黄色" in text and "待定" in text
    file = browser.get("/prices.csv").get_data()
    assert file.startswith(b"\xef\xbb\xbf") and "鲜猪肉".encode() in file and b"\r\n" in file


def test_one_item_across_its_points(staff: Staff) -> None:
    browser = staff.person("zhou", "reviewer")
    item = alert_of(staff)["id"]
    answer = browser.get(f"/prices/{item}")
    text = text_of(answer)
    assert "最高 第6市场" in text and "最低 第0市场" in text
    assert "尚未报送 ： 第3市场" in text.replace("尚未报送：", "尚未报送 ： ") and "1 / 7" in text
    assert (
        answer.get_data(as_text=True).count("<img") == 2
    )  # seven points are no lines of one picture
    for part in (0, 1, 2):
        picture = browser.get(f"/prices/{item}/{part}.svg", days="90", lang="en")
        assert picture.status_code == 200
        assert picture.get_data(as_text=True).startswith("<svg")
    assert "第6市场" in browser.get(f"/prices/{item}/1.svg").get_data(as_text=True)
    lines = browser.get(f"/prices/{item}/points.csv").get_data(as_text=True).splitlines()
    assert len(lines) == 8
    assert browser.get("/prices/nothing").status_code == 404


def test_an_alert_is_explained_and_decided(staff: Staff) -> None:
    number = alert_of(staff)["alert_no"]
    anybody, chief = (
        staff.person("zhou", "approver"),
        staff.person("sun", "approver", department=OFFICE),
    )
    page = anybody.get(f"/prices/alerts/{number}").get_data(as_text=True)
    assert (
        "25%以上" in page
        and page.count("<code>030101|") == 10
        and '<form method="post" action="/console/prices' not in page
    )
    assert (
        anybody.get(f"/prices/alerts/{number}/chart.svg").get_data(as_text=True).startswith("<svg")
    )
    form = {"decision": "发布", "reason": "涨幅明显", "text": "近期鲜猪肉价格上涨较快。"}
    path = f"/prices/alerts/{number}/decide"
    assert anybody.post(path, form).status_code == 403
    assert "<textarea" in chief.get(f"/prices/alerts/{number}").get_data(as_text=True)
    assert chief.post(path, {**form, "text": ""}).status_code == 400
    assert chief.post(path, form).status_code == 303
    assert alert_of(staff)["release_decision"] == "发布"
    assert "涨幅明显" in text_of(chief.get(f"/prices/alerts/{number}"))
    assert chief.get("/prices/alerts/JG0").status_code == 404
