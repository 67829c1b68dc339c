"""Who finds and sees what of subjects: records that are for those who work with them, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from hub import people
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.complaints import routing
from hub.current import current_fields
from hub.database import write
from hub.subjects import filing, index
from hub.terms import load_terms, office
from hub.transfers.tables import transfer_look
from tests.analysis.test_subjects import complaint, entity, penalty
from tests.console.console_site import Staff, make_staff, text_of
from tests.exchange.transfer_site import PEOPLE, World
from tests.hub.ledger_data import put

LETTER, SECRET = "茂市监移〔2026〕1号", "茂名市暗访调味品有限公司"
PERSON = "陈阿大"
CODE = entity(1)["uscc"]


def case(letter: str, name: str, **more: str) -> dict[str, str]:
    return {"transfer_no": letter, "subject_name": name, "division_code": "440902", "transferred_on": "2026-04-01", **more}  # fmt: skip


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Company 1 with a case, a ticket, a blacklisted representative and a return of the province; a case and a
    ticket of nobody who is registered; a person who was fined."""
    made = make_staff(Path(tmp_path_factory.mktemp("viewers")))
    with write(made.engine) as connection:
        for person, (department, roles) in PEOPLE.items():
            for role in roles:
                people.grant(connection, person, department, role, "tests")
    world = World(made.site, made.engine, office(made.site, made.engine), {})
    world.sent(letter=LETTER)
    name = entity(1)["subject_name"]
    put(made.engine, "market_entity", [entity(1), entity(2)])
    put(made.engine, "case_transfer", [case(LETTER, name, uscc=CODE), case("另号", SECRET)])
    put(made.engine, "complaint_report", [complaint(1, name), complaint(2, "茂名市无照海味有限公司", division_code="440902")])  # fmt: skip
    put(made.engine, "administrative_penalty", [penalty(1, PERSON, subject_type="natural")])
    put(made.engine, "legal_rep_blacklist", [{"entry_id": "L1", "source_entity_uscc": CODE}])
    put(
        made.engine, "provincial_return", [{"return_no": "R1", "subject_name": name, "uscc": CODE}]
    )
    computing.compute(made.site, made.engine, [ANALYSES["subjects"]])
    with write(made.engine) as connection:
        routing.route(connection, made.site, load_terms(made.site, made.console.catalogue()))
    return made


def looks(staff: Staff) -> list[tuple[str, str]]:
    with staff.engine.connect() as connection:
        rows = connection.execute(select(transfer_look.c.actor, transfer_look.c.what))
        return [tuple(row) for row in rows.all()]


def node_of(staff: Staff, dataset: str, key: str) -> str:
    mine = (pl.col("dataset") == dataset) & (pl.col("key") == key)
    return str(index.read(staff.site).frame("mentions", mine)["node"][0])


def test_a_case_is_its_parties_alone_and_a_look_is_noted(staff: Staff) -> None:
    stranger = staff.person("wang", "handler", department="agriculture_rural")
    shown = text_of(stranger.get(f"/subjects/{CODE}"))
    assert "本视图显示 1 条，共 1 条" in shown and LETTER not in shown
    before = looks(staff)
    police = staff.person("chen", "handler", department="public_security")
    assert LETTER in text_of(police.get(f"/subjects/{CODE}"))
    assert looks(staff)[len(before) :] == [("person:chen", "read")]


def test_nothing_tells_of_a_case(staff: Staff) -> None:
    """Not a count, nor a name in the search, nor among pairs, nor the dataset of subjects."""
    browser = staff.person("huang", "reviewer")
    assert "没有查到主体" in text_of(browser.get("/subjects", q="暗访调味品"))
    assert "暗访" not in text_of(browser.get("/subjects/pairs"))
    assert browser.get(f"/subjects/{node_of(staff, 'case_transfer', '另号')}").status_code == 404
    standard = staff.console.catalogue().get("market_subject")
    with staff.engine.connect() as connection:
        rows = current_fields(connection, "market_subject", standard.dtypes)
    assert SECRET not in rows["subject_name"] and "case_transfer" not in str(rows.to_dicts())


def test_what_is_for_few_is_listed_and_counted_for_few(staff: Staff) -> None:
    names = ("法定代表人黑名单库", "省级返回信息")
    others = staff.person("wang", "handler", department="agriculture_rural")
    mine = staff.person("huang", "reviewer")
    for browser, sees in ((others, False), (mine, True)):
        for answer in (browser.get(f"/subjects/{CODE}"), browser.get("/subjects", q=CODE)):
            table = text_of(answer)
            assert [name in table for name in names] == [sees, sees]
    bian = staff.person("bian", "handler", department="government_services_data")
    assert names[1] in text_of(bian.get(f"/subjects/{CODE}"))


def test_a_search_finds_no_person_and_nobody_of_whom_one_sees_nothing(staff: Staff) -> None:
    wang = staff.person("wang", "handler", department="agriculture_rural")
    bian = staff.person("bian", "handler", department="government_services_data")
    assert "没有查到主体" in text_of(bian.get("/subjects", q=PERSON))
    person = node_of(staff, "administrative_penalty", penalty(1, "")["authority_uscc"] + "|茂市监处罚〔2026〕1号|陈阿大")  # fmt: skip
    assert person.startswith("PER-")
    assert "没有查到主体" in text_of(bian.get("/subjects", q=person))
    assert "没有查到主体" in text_of(wang.get("/subjects", q="无照海味"))
    assert "无照海味" in text_of(bian.get("/subjects", q="无照海味"))
    counted = [text_of(one.get("/subjects", q=CODE)) for one in (wang, bian)]
    assert ["投诉举报工单 1" in one for one in counted] == [False, True]


def test_the_newest_that_one_sees_are_shown(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others see only doesn't take the places of what one sees oneself."""
    monkeypatch.setattr(filing, "MOST", 1)
    wang = staff.person("wang", "handler", department="agriculture_rural")
    shown = text_of(wang.get(f"/subjects/{CODE}"))
    assert "本视图显示 1 条，共 1 条" in shown and "另有更早的记录" not in shown
    lin = staff.person("huang", "reviewer")
    assert "本视图显示 1 条，共 3 条 只显示最新的 1 条，另有更早的记录。" in text_of(
        lin.get(f"/subjects/{CODE}")
    )
