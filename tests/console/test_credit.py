"""The credit pages: classes and their pictures, a subject explained, warnings, versions and appeals."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from exchange_schemas.credit_rules import packaged_rules
from exchange_schemas.days import today
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.tables import job
from hub.web.console import credit_warnings
from hub.work import work
from tests.console.console_site import Staff, make_staff, text_of
from tests.credit.city import MARKET, PENALTY, company, complaint, penalty, put

DAY = today()
ONE = company(1)["uscc"]


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    """A city of three companies; a fine, and complaints, against the first."""
    made = make_staff(tmp_path)
    more = {"domicile_division": "440902", "subject_type": "legal_or_unincorporated"}
    put(made.engine, MARKET, [company(1), company(2), company(3, **more)])
    put(made.engine, PENALTY, [penalty(n, 1, penalty_kinds=["罚款"]) for n in range(3)])
    put(made.engine, "complaint_report", [complaint(n, 1) for n in range(6)])
    compute(made)
    return made


def compute(staff: Staff, day: date = DAY) -> None:
    computing.compute(staff.site, staff.engine, [ANALYSES["credit"]], day=day)


def test_classes_with_pictures_tables_and_files(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    shown = text_of(browser.get("/credit"))
    assert "信宜市第1号商行" in shown and "现行指标版本 2026.1" in shown
    for picture in ("/credit/classes.svg", "/credit/divisions.svg"):
        answer = browser.get(picture)
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "private, no-cache"
    found = text_of(browser.get("/credit", **{"class": "A", "division": "440902"}))
    assert "信宜市第3号商行" in found and "信宜市第2号商行" not in found
    assert "没有符合条件的主体" in text_of(browser.get("/credit", q="没有这个"))
    listed = browser.get("/credit/list.csv", q="第1号").get_data(as_text=True)
    assert listed.startswith("\ufeff") and listed.count("\n") == 2 and ONE in listed
    assert browser.get("/credit", after="x" * 9).status_code == 200


def test_only_staff_sees_it(staff: Staff) -> None:
    for path in (
        "/credit",
        f"/credit/{ONE}",
        "/credit/warnings",
        "/credit/list.csv",
        "/credit/classes.svg",
    ):
        assert staff.person("nobody.here").get(path).status_code == 403
        assert staff.person("sys", office="system").get(path).status_code == 403
        assert staff.nobody().get(path).status_code in (302, 303)


def test_a_subject_is_explained_to_the_last_record(staff: Staff) -> None:
    browser = staff.person("chen", "submitter", department="agriculture_rural")
    shown = text_of(browser.get(f"/credit/{ONE}"))
    for words in (
        "一般行政处罚（罚款、没收等）",
        "茂市监处罚〔2026〕2号",
        "近半年受理的消费投诉",
        "2029-10-08",
        "守法诚信度",
    ):
        assert words in shown
    assert "登记异议" not in shown  # another department's people take none in
    assert browser.get("/credit/91440902MA9999999X").status_code == 404


def test_warnings_subscriptions_and_reading(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    assert "半年内消费投诉集中" in text_of(browser.get("/credit/warnings"))
    assert "还没有订阅" in text_of(browser.get("/credit/warnings"))
    assert browser.post("/credit/warnings/watch", {"levels": ["没有"]}).status_code == 400
    refused = browser.post("/credit/warnings/watch", {"address": "a b@c.cn"})
    assert refused.status_code == 400 and "a b@c.cn" in text_of(refused)
    asked = {"levels": ["提示", "警示"], "divisions": ["440983"], "address": "wang@maoming.gov.cn"}
    assert browser.post("/credit/warnings/watch", asked).status_code == 303
    assert "没有未读预警" in text_of(browser.get("/credit/warnings"))
    put(staff.engine, "complaint_report", [complaint(50 + n, 2) for n in range(6)])
    compute(staff)
    shown = browser.get("/credit/warnings").get_data(as_text=True)
    assert "有 1 条预警开始" in shown and "信宜市第2号商行" in shown
    seq = shown.partition('name="seq" value="')[2].partition('"')[0]
    browser.post("/credit/warnings/read", {"seq": seq})
    assert "没有未读预警" in text_of(browser.get("/credit/warnings"))
    other = staff.person("other", "reviewer")
    assert other.post("/credit/warnings/1/end").status_code == 404
    assert browser.post("/credit/warnings/1/end").status_code == 303
    assert "还没有订阅" in text_of(browser.get("/credit/warnings"))


def test_only_what_was_shown_is_read(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credit_warnings, "ROWS", 1)
    browser = staff.person("wang", "reviewer")
    browser.post("/credit/warnings/watch", {})
    for company_ in (2, 3):
        put(staff.engine, "complaint_report", [complaint(10 * company_ + n, company_) for n in range(6)])  # fmt: skip
        compute(staff)
    for name, more in (("信宜市第2号商行", True), ("信宜市第3号商行", False)):
        page = browser.get("/credit/warnings").get_data(as_text=True)
        shown = page.partition("未读预警")[2].partition("持续中")[0]
        assert name in shown and ("另有 1 条，标记已读后显示。" in shown) is more
        browser.post("/credit/warnings/read", {"seq": page.partition('name="seq" value="')[2].partition('"')[0]})  # fmt: skip
    assert "没有未读预警" in text_of(browser.get("/credit/warnings"))


def proposal(points: int = 60) -> dict[str, object]:
    text = packaged_rules().text.replace('"2026.1"', '"2026.2"')
    text = text.replace("points: 12\n    at_most: 60", f"points: {points}\n    at_most: 90")
    file = (BytesIO(text.encode()), "own.yml")
    return {"file": file, "reason": "提高罚款权重", "holds_from": str(today())}


def test_a_version_is_proposed_measured_and_activated(staff: Staff) -> None:
    wang, li = staff.person("wang", "reviewer", "approver"), staff.person("li", "approver")
    refused = wang.post("/credit/versions", {**proposal(points=95)})
    assert refused.status_code == 400 and "at_most 小于 points" in text_of(refused)
    assert wang.post("/credit/versions", proposal()).status_code == 303
    assert "尚未测算" in text_of(wang.get("/credit/versions/1"))
    assert wang.post("/credit/versions/1/what-if", {"day": str(today())}).status_code == 303
    with staff.engine.connect() as connection:
        number = connection.scalar(select(job.c.id).where(job.c.kind == "credit_what_if"))
    assert number is not None
    work(staff.site, staff.engine, number)
    shown = text_of(li.get("/credit/versions/1"))
    assert "由版本 2026.1 改为 2026.2，3 户主体中有 1 户类别变化" in shown
    assert ONE in li.get("/credit/versions/1/changes.csv").get_data(as_text=True)
    assert wang.post("/credit/versions/1/activate").status_code == 409
    assert li.post("/credit/versions/1/activate").status_code == 303
    assert "现行版本：2026.2" in text_of(li.get("/credit/versions"))
    assert li.post("/credit/versions/1/refuse", {"reason": "晚了"}).status_code == 409


def test_an_appeal_from_the_desk_to_the_next_computing(staff: Staff) -> None:
    zhao, li = staff.person("zhao", "handler"), staff.person("li", "approver")
    page = zhao.get(f"/credit/{ONE}").get_data(as_text=True)
    line = page.partition('<option value="penalty_fine')[2].partition('"')[0]
    words = {"claimant": "商行", "disputed": "处罚已撤销", "evidence": "撤销决定书"}
    path = f"/credit/{ONE}/appeals"
    assert zhao.post(path, {"line": "nothing", **words}).status_code == 404
    assert zhao.post(path, {"line": f"penalty_fine{line}", **words}).status_code == 303
    assert "待决定" in text_of(li.get("/credit/appeals"))
    assert li.post("/credit/appeals/1/decide", {"act": "burn", "reason": "x"}).status_code == 404
    decision = {"act": "exclude", "reason": "属实", "until": "2099-01-01"}
    assert li.post("/credit/appeals/1/decide", decision).status_code == 303
    before = text_of(li.get(f"/credit/{ONE}"))
    compute(staff)
    shown = text_of(li.get(f"/credit/{ONE}"))
    assert shown.count("一般行政处罚") == before.count("一般行政处罚") - 1
    assert "不予计入" in shown
    steps = text_of(li.get("/credit/appeals/1"))
    assert "撤销决定" in steps and "2099-01-01" in steps and "属实" in steps
    assert li.get("/credit/appeals/99").status_code == 404
