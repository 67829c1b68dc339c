"""The pages of subjects: search, pairs in doubt and what is decided on them, and the file with its faces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exchange_schemas.catalogue import load_catalogue
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.complaints import routing
from hub.database import write
from hub.subjects import index
from hub.terms import load_terms
from tests.analysis.test_subjects import complaint, entity, penalty
from tests.console.console_site import Staff, make_staff, text_of
from tests.hub.ledger_data import put

NUMBER = "440981199001010011"


def compute(staff: Staff) -> None:
    computing.compute(staff.site, staff.engine, [ANALYSES["subjects"]])


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    made = make_staff(Path(tmp_path_factory.mktemp("subjects")))
    same: dict[str, Any] = {
        "legal_rep_name": "陈一",
        "legal_rep_cert_type": "身份证",
        "legal_rep_cert_no": NUMBER,
    }
    put(made.engine, "market_entity", [
        entity(1, former_names=["茂名市旧荔食品有限公司"], **same), entity(2, **same), entity(3, legal_rep_name="陈一"),
        entity(4, **{**same, "legal_rep_cert_no": "440981199001010038"}), entity(5, phone="0668-2345678"),
    ])  # fmt: skip
    put(made.engine, "administrative_penalty", [
        penalty(1, entity(1)["subject_name"], uscc=entity(1)["uscc"], facts=f"当事人陈一（身份证号码{NUMBER}）销售不合格食品"),
    ])  # fmt: skip
    put(
        made.engine,
        "complaint_report",
        [
            complaint(1, "红荔第5食品", division_code="440902"),
            complaint(2, "茂名市旧荔食品有限公司"),
        ],
    )
    compute(made)
    with write(made.engine) as connection:
        routing.route(connection, made.site, load_terms(made.site, load_catalogue()))
    return made


def test_search_by_code_name_and_former_name(staff: Staff) -> None:
    browser = staff.person("lin", "reviewer")
    for text in (entity(1)["uscc"], "红荔第1食品", "旧荔", entity(1)["uscc"][8:17]):
        assert f"/subjects/{entity(1)['uscc']}" in browser.get("/subjects", q=text).get_data(
            as_text=True
        )
    assert "没有查到主体" in text_of(browser.get("/subjects", q="没有这户"))


def test_each_face_obeys_tiers_and_no_identity_number_is_shown(staff: Staff) -> None:
    browser = staff.person("wang", "handler", department="agriculture_rural")
    code = entity(1)["uscc"]
    pages = {
        face: browser.get(f"/subjects/{code}", face=face)
        for face in ("public", "industry", "government")
    }
    assert {one.status_code for one in pages.values()} == {200}
    told = {face: text_of(one) for face, one in pages.items()}
    assert "本视图显示 2 条，共 2 条" in told["government"]  # a ticket is for who handles it
    assert (
        "投诉举报工单"
        not in told["government"].partition("各数据集记录")[2].partition("记录（新的在前）")[2]
    )
    watch = staff.person("bian", "handler", department="government_services_data")
    assert "本视图显示 3 条，共 3 条" in text_of(watch.get(f"/subjects/{code}"))
    assert "本视图显示 0 条" in told["public"]  # nothing is published
    assert all(NUMBER not in one for one in told.values())
    assert "〔身份证号略〕" in told["government"]
    phone = text_of(browser.get(f"/subjects/{entity(5)['uscc']}"))
    assert "0668-2345678" in phone
    assert "0668-2345678" not in text_of(
        browser.get(f"/subjects/{entity(5)['uscc']}", face="industry")
    )


def test_the_enterprises_of_a_representative(staff: Staff) -> None:
    browser = staff.person("lin", "reviewer")
    code = entity(1)["uscc"]
    shown = browser.get(f"/subjects/{code}").get_data(as_text=True)
    assert f"{entity(2)['uscc']}</td><td>存续</td><td>证件相同" in shown
    assert f"{entity(3)['uscc']}</td><td>存续</td><td>仅姓名相同" in shown
    assert entity(4)["uscc"] not in shown  # has another number: another person of that name
    assert "名下企业" not in browser.get(f"/subjects/{code}", face="public").get_data(as_text=True)
    picture = browser.get(f"/subjects/{code}/family.svg")
    assert (picture.mimetype, NUMBER in picture.get_data(as_text=True)) == ("image/svg+xml", False)
    assert "仅姓名相同" in picture.get_data(as_text=True)
    line = browser.get(f"/subjects/{code}/timeline.svg")
    assert line.status_code == 200 and "<svg" in line.get_data(as_text=True)


def test_a_pair_is_decided_and_the_decision_undone(staff: Staff) -> None:
    lin, wang = staff.person("lin", "reviewer"), staff.person("huang", "approver")
    shown = text_of(lin.get("/subjects/pairs"))
    assert "红荔第5食品" in shown and "字号和行业一致" in shown
    other = staff.person("bao", "reviewer", department="agriculture_rural")
    assert "红荔第5食品" not in text_of(other.get("/subjects/pairs"))  # only a ticket names it
    (pair,) = index.read(staff.site).frame("links").filter(~index.pl.col("automatic")).to_dicts()
    form = {"one": pair["lonely"], "other": pair["coded"], "act": "same"}
    assert wang.post("/subjects/pairs", {**form, "why": "x"}).status_code == 403
    assert lin.post("/subjects/pairs", {**form, "why": ""}).status_code == 400
    assert lin.post("/subjects/pairs", {**form, "why": "现场核实"}).status_code == 303
    compute(staff)
    assert "现场核实" in text_of(lin.get("/subjects/pairs"))
    watch = staff.person("bian", "handler", department="government_services_data")
    assert "本视图显示 2 条，共 2 条" in text_of(watch.get(f"/subjects/{pair['coded']}"))
    assert lin.get(f"/subjects/{pair['lonely']}").status_code == 200  # leads to the same file
    assert lin.post("/subjects/pairs/undo", {"number": 1, "why": "认定有误"}).status_code == 303
    compute(staff)
    assert "本视图显示 1 条，共 1 条" in text_of(lin.get(f"/subjects/{pair['coded']}"))
    assert "认定有误" in text_of(lin.get("/subjects/pairs"))


def test_an_unknown_subject(staff: Staff) -> None:
    answer = staff.person("lin", "reviewer").get("/subjects/NAM-0000000000000000")
    assert (answer.status_code, "没有找到主体" in text_of(answer)) == (404, True)
