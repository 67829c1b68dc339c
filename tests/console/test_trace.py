"""The pages of food trace, failed samples and recalls: what they say, who sees them, and that acts are kept."""

from __future__ import annotations

import html
import re
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as Xml

import openpyxl
import pytest
from sqlalchemy import select

from exchange_schemas.codes import load_codes
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.audit.tables import audit_entry
from hub.tables import job
from hub.trace.movements import LEDGER
from hub.work import work
from tests.console.console_site import Staff, make_staff, text_of
from tests.hub.ledger_data import put
from tests.trace.chickens import (
    BATCH,
    FARM,
    PRODUCT,
    SAMPLE,
    SHOP_A,
    TWO,
    a_failed_sample,
    full,
    row,
    uscc,
    without,
)

HOSTILE = '<script>"&甲店'


@pytest.fixture
def staff(tmp_path: Path) -> Staff:
    made = make_staff(tmp_path)
    put(made.engine, LEDGER, without("A1"))
    put(made.engine, "unqualified_product", [a_failed_sample(production_date_or_batch=BATCH)])
    return made


def test_a_batch_is_looked_for_and_found(staff: Staff) -> None:
    browser = staff.person("wang", "reviewer")
    for words in (BATCH, full("F1"), "怀乡鸡", "鉴江", TWO[1]):
        page = browser.get("/trace", q=words).get_data(as_text=True)
        assert f"/console/trace/{BATCH}" in page and FARM[0] in page
    assert "没有查到" in text_of(browser.get("/trace", q="不存在的产品"))


def test_the_chain_says_who_had_it_and_what_is_wrong(staff: Staff) -> None:
    page = text_of(staff.person("wang", "handler").get(f"/trace/{BATCH}"))
    for words in (
        FARM[0],
        SHOP_A[0],
        "60 千克",
        "对方未记录购进",
        "没有相应台账",
        full("D2"),
        "经销",
    ):
        assert words in page
    english = text_of(staff.person("wang", "handler").get(f"/trace/{BATCH}", lang="en"))
    assert "Purchase not recorded by the buyer" in english and "dealer" in english.lower()


def test_the_newest_findings_are_on_the_first_page(staff: Staff) -> None:
    computing.compute(staff.site, staff.engine, [ANALYSES["trace"]])
    mine = staff.person("wang", "reviewer")
    whole = text_of(mine.get("/trace"))
    assert "对方未记录购进" in whole and full("D2") in whole
    titles = load_codes("trace_finding_kinds").codes
    for kind, others in (
        ("receipt_unrecorded", "more_out_than_in"),
        ("more_out_than_in", "receipt_unrecorded"),
    ):
        page = mine.get("/trace", kind=kind).get_data(as_text=True)
        rows = page.partition("<tbody>")[2].partition("</tbody>")[0]
        assert titles[others].title not in rows
    assert "对方未记录购进" in text_of(mine.get("/trace", kind="receipt_unrecorded"))
    other = staff.person("li", "handler", department="health").get("/trace")
    assert other.status_code == 200 and "对方未记录" not in text_of(other)


def test_who_traded_with_whom_is_for_the_ledgers_departments(staff: Staff) -> None:
    other = staff.person("li", "handler", department="health")
    page = other.get("/trace", q=BATCH)
    assert page.status_code == 200 and f"/console/trace/{BATCH}" not in page.get_data(as_text=True)
    for path in ("", "/chain.svg", "/rows.csv", "/recall.xlsx"):
        assert other.get(f"/trace/{BATCH}{path}").status_code == 403
    assert other.get(f"/unqualified/{SAMPLE}").status_code == 403
    mine = staff.person("wu", "handler", department="industry_information")
    assert mine.get(f"/trace/{BATCH}").status_code == 200


def test_the_picture_is_text_and_shapes_only(staff: Staff) -> None:
    hostile = row("H1", (HOSTILE, uscc(50)), "进", TWO, "3", "05T05:00")
    put(staff.engine, LEDGER, [*without("A1"), hostile])
    answer = staff.person("wang", "handler").get(f"/trace/{BATCH}/chain.svg")
    assert answer.mimetype == "image/svg+xml"
    drawn = Xml.fromstring(answer.data)  # noqa: S314 - what the console itself drew
    names = {one.tag.rpartition("}")[2] for one in drawn.iter()}
    assert names == {"svg", "title", "g", "rect", "text", "path", "polygon"}
    assert not {"style", "href", "onload"} & {key for one in drawn.iter() for key in one.attrib}
    titles = {one.text for one in drawn.iter() if one.tag.endswith("title")}
    assert {FARM[0], SHOP_A[0], HOSTILE} <= titles
    page = staff.person("wang", "handler").get(f"/trace/{BATCH}").get_data(as_text=True)
    assert HOSTILE not in page and "&lt;script&gt;" in page


def test_files_of_a_batch(staff: Staff) -> None:
    browser = staff.person("wang", "handler")
    book = openpyxl.load_workbook(BytesIO(browser.get(f"/trace/{BATCH}/recall.xlsx").data))
    assert SHOP_A[0] in {cell.value for line in book["召回名单"].iter_rows() for cell in line}
    lines = browser.get(f"/trace/{BATCH}/rows.csv").data.decode("utf-8-sig").split("\r\n")
    assert len(lines) == 12 and lines[0].startswith("前后,追溯码")
    assert browser.get("/trace/nothing").status_code == 404


def test_a_failed_sample_leads_to_its_chain_and_a_recall(staff: Staff) -> None:
    browser = staff.person("he", "handler")
    assert SAMPLE in text_of(browser.get("/unqualified"))
    page = browser.get(f"/unqualified/{SAMPLE}")
    assert FARM[0] in text_of(page) and "写有该批次" in text_of(page)
    assert f"/console/recalls/new?sample={SAMPLE}" in page.get_data(as_text=True)
    form = browser.get("/recalls/new", sample=SAMPLE).get_data(as_text=True)
    assert FARM[1] in form and "恩诺沙星" in form
    given = {
        "product_name": "怀乡鸡", "batch": f"2026年1月1日/{BATCH}", "producer_name": FARM[0],
        "producer_uscc": FARM[1], "kind": "责令召回", "level": "二级", "reason": "检出恩诺沙星", "sample_no": SAMPLE,
        "quantity_sold": "140", "unit": "千克",
    }  # fmt: skip
    assert browser.post("/recalls/new", {**given, "level": "零级"}).status_code == 400
    assert browser.post("/recalls/new", {**given, "sample_no": "none"}).status_code == 400
    assert browser.post("/recalls/new", given).status_code == 303
    page = browser.get("/recalls/1")
    assert "二级" in text_of(page) and PRODUCT in text_of(page)  # as the ledger has it
    (way,) = re.findall(r'href="/console(/trace/[^"]+)"', page.get_data(as_text=True))
    there = urlsplit(html.unescape(way))
    chain = browser.get(there.path, **dict(parse_qsl(there.query)))
    assert FARM[0] in text_of(chain)
    other = staff.person("li", "handler", department="health").get("/recalls/1")
    assert "/console/trace/" not in other.get_data(as_text=True)
    assert (
        browser.post("/recalls/1/step", {"act": "notify", "reason": "已通知三家"}).status_code
        == 303
    )
    told = {"act": "return", "reason": "退回", "quantity": "41.5", "unit": "千克"}
    assert browser.post("/recalls/1/step", told).status_code == 303
    assert browser.post("/recalls/1/step", {"act": "finish", "reason": "完毕"}).status_code == 303
    assert browser.post("/recalls/1/step", told).status_code == 409
    page = text_of(browser.get("/recalls/1"))
    assert "已通知三家" in page and "41.5 / 140 千克" in page and "已完成" in page
    assert "已完成" in text_of(browser.get(f"/unqualified/{SAMPLE}"))
    with staff.engine.connect() as connection:
        acts = list(connection.scalars(select(audit_entry.c.act)))
        [number] = connection.scalars(select(job.c.id).where(job.c.kind == "analysis"))
    assert acts.count("recall.open") == 3 and acts.count("recall.step") == 4
    assert work(staff.site, staff.engine, number) is not None


def test_who_recalls(staff: Staff) -> None:
    for name, role, department in (
        ("rev", "reviewer", "market_regulation"),
        ("agr", "handler", "health"),
    ):
        browser = staff.person(name, role, department=department)
        assert browser.get("/recalls").status_code == 200
        assert browser.get("/recalls/new").status_code == 403
        assert browser.post("/recalls/new", {"product_name": "x"}).status_code == 403
