"""The pages of the data standards: what they say, who reads them, and what a proposal would do."""

from __future__ import annotations

import json
import shutil
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.check import VALID
from exchange_schemas.sample_check import read_samples
from hub.tables import job
from hub.work import work
from tests.console.console_site import Staff, make_staff, text_of
from tests.hub.ledger_data import MARKET, put

PENALTY = "administrative_penalty"
LONGEST = 12  # characters of a domicile, as is proposed


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return make_staff(tmp_path, database_url)


def test_every_standard_has_a_page_in_both_languages(tmp_path: Path) -> None:
    staff = make_staff(tmp_path)
    browser = staff.person("wang", "submitter")
    catalogue = load_catalogue()
    listed = browser.get("/standards").get_data(as_text=True)
    for name in catalogue.datasets():
        assert f"/console/standards/{name}" in listed
        standard = catalogue.get(name)
        page = browser.get(f"/standards/{name}", lang="zh").get_data(as_text=True)
        assert standard.title in page
        for field in standard.fields.values():
            assert f"<code>{field.name}</code>" in page
        for words in ("unit:", "part:", "verdict:", "does:"):
            assert words not in page
    english = browser.get(f"/standards/{PENALTY}", lang="en").get_data(as_text=True)
    assert "accountable" in english and "unit:" not in english and "part:" not in english


def test_terms_and_reviewers_of_a_standard_are_told(staff: Staff) -> None:
    page = text_of(staff.person("wang", "reviewer").get(f"/standards/{PENALTY}"))
    assert "个工作日" in page and "市场监督管理行政处罚信息公示规定" in page
    assert "审核人须声明已审查" in page and "只保留姓氏" in page


def test_who_reads_the_standards(staff: Staff) -> None:
    for office, status in (("system", 200), ("security", 403), ("audit", 403)):
        browser = staff.person(office, office=office)
        for path in ("/standards", f"/standards/{PENALTY}", f"/standards/{PENALTY}/changes"):
            assert browser.get(path).status_code == status
    assert staff.person("without.role").get("/standards").status_code == 403
    browser = staff.person("wang", "handler")
    assert browser.get("/standards/nothing_of_the_kind").status_code == 404
    assert browser.get(f"/standards/{PENALTY}", version="99").status_code == 404


def test_versions_are_compared(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    page = text_of(browser.get(f"/standards/{PENALTY}/changes"))
    catalogue = load_catalogue()
    versions = catalogue.get(PENALTY).versions
    assert len(versions) > 1 and f"第 {versions[-2]} 版到第 {versions[-1]} 版" in page
    assert "不兼容" in page or "对使用方兼容" in page
    same = browser.get(f"/standards/{PENALTY}/changes", before=versions[-1], after=versions[-1])
    assert "没有改变" in text_of(same)


def test_the_template_is_a_workbook(staff: Staff) -> None:
    got = staff.person("wang", "submitter").get(f"/standards/{MARKET}/template.xlsx")
    assert got.headers["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(BytesIO(got.data))
    assert "_standard" in book.sheetnames


def test_a_proposals_impact_is_found_by_a_worker(staff: Staff) -> None:
    records = [record for record, _ in read_samples(load_catalogue().folder(MARKET) / VALID)]
    long = [one["domicile"] for one in records if len(one.get("domicile") or "") > LONGEST]
    assert 0 < len(long) < len(records)
    put(staff.engine, MARKET, records)
    browser = staff.person("wang", "reviewer")
    path = f"/standards/{MARKET}/impact"
    assert "没有可检查的内容" in text_of(browser.get(path))
    _propose(staff)
    assert browser.post(path, {"proposal": "../../../etc"}).status_code == 400
    for _ in range(2):  # one that waits already does
        assert browser.post(path, {"proposal": ""}).status_code == 303
    assert "排队中" in text_of(browser.get(path))
    with staff.engine.connect() as connection:
        [number] = connection.scalars(select(job.c.id).where(job.c.kind == "impact"))
    assert work(staff.site, staff.engine, number) is not None
    page = text_of(browser.get(path))
    assert "已完成" in page and f"将不合格的记录 {len(long)}" in page and long[0] in page
    assert "hub standard activate" in page
    for other in (
        staff.person("zhang", office="system"),
        staff.person("li", "reviewer", department="health"),
    ):
        page = text_of(other.get(path))
        assert f"将不合格的记录 {len(long)}" in page and long[0] not in page
        assert other.post(path, {"proposal": ""}).status_code == 403


def _propose(staff: Staff) -> None:
    """A domicile may have few characters."""
    packaged = load_catalogue().folder(MARKET)
    place = staff.site.path / "proposed" / packaged.parent.name / MARKET
    shutil.copytree(packaged, place)
    shutil.copytree(packaged.parents[1] / "blocks", place.parents[1] / "blocks")
    newest = max(place.glob("v*.schema.json"), key=lambda one: one.name)
    told = json.loads(newest.read_text("utf-8"))
    told["properties"]["domicile"]["maxLength"] = LONGEST
    newest.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
