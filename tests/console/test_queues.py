"""Queues and the workbench: what waits for whom, in which order, and page by page."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from exchange_schemas.days import today
from hub import inbox, inbox_pages, ledger, people, triggers
from hub.all_tables import ALL
from hub.database import connect, create_tables, write
from hub.inbox import QUEUES, Place, Wanted
from hub.states import APPROVED, PENDING, REVIEWED
from hub.tables_of_review import disclosure
from tests.console.console_site import OWN, text_of
from tests.console.records_site import PENALTY, Desks, make_desks

DAYS = (None, *((today() + timedelta(days=n)).isoformat() for n in (-9, -1, 0, 3, 6, 7)))


@pytest.fixture
def desks(tmp_path: Path, database_url: str) -> Desks:
    return make_desks(tmp_path, database_url)


@pytest.fixture
def crowd(database_url: str) -> tuple[Engine, list[dict[str, Any]]]:
    """A database with disclosures of three datasets and departments, by chance, and what they are."""
    engine = connect(database_url)
    create_tables(engine)
    chance = random.Random(7)
    rows: list[dict[str, Any]] = []
    with write(engine) as connection:
        triggers.drop(connection)
        numbers = [ledger.dataset_id(connection, name) for name in ("a_set", "b_set", "c_set")]
        for place in range(300):
            state = chance.choice((PENDING, PENDING, REVIEWED, APPROVED))
            rows.append({
                "dataset_id": chance.choice(numbers), "key": f"key {place}|100%_{place}",
                "record_id": f"{chance.getrandbits(64):016x}",
                "department": chance.choice((OWN, "health", "justice")), "seq": place + 1,
                "view_digest": bytes(32), "state": state, "decision_id": 1, "needs": 0,
                "author": chance.choice((None, None, "wang", "li")),
                "hold": "consent:1" if state == PENDING and chance.random() < 0.2 else None,
                "reviewed_by": None if state == PENDING else "zhao",
                "approved_by": "he" if state == APPROVED else None,
                "approved_digest": bytes(32) if state == APPROVED else None,
                "approved_seq": 1 if state == APPROVED else None,
                "publish_by": chance.choice(DAYS),
            })  # fmt: skip
            if rows[-1]["author"] == rows[-1]["reviewed_by"]:
                rows[-1]["author"] = None
        connection.execute(insert(disclosure), rows)
        triggers.make(connection, ALL)
        for department in (OWN, "health"):
            people.grant(connection, "wang", department, "reviewer", "tests")
        people.grant(connection, "wang", OWN, "approver", "tests")
    return engine, rows


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pages_give_everything_once_in_order(
    crowd: tuple[Engine, list[dict[str, Any]]], size: int
) -> None:
    engine, rows = crowd
    with engine.connect() as connection:
        lanes = inbox.lanes(connection, "wang", QUEUES["review"], {})
        found: list[str] = []
        after = None
        while page := inbox_pages.page(connection, lanes, Wanted(), today(), after, size):
            found += [row["record_id"] for row in page]
            after = Place.of(page[-1])
    mine = [r for r in rows if r["state"] == PENDING and r["department"] in (OWN, "health")]
    mine.sort(key=lambda r: (r["publish_by"] or "9999", r["record_id"], r["dataset_id"]))
    assert found == [row["record_id"] for row in mine]


def test_same_day_and_id_in_two_datasets_are_both_given(
    crowd: tuple[Engine, list[dict[str, Any]]],
) -> None:
    engine, rows = crowd
    dated = next(r for r in rows if r["state"] == PENDING and r["department"] == OWN)
    with write(engine) as connection:
        connection.execute(insert(disclosure), [
            {**dated, "dataset_id": other, "key": f"twin {other}", "hold": None}
            for other in {1, 2, 3} - {dated["dataset_id"]}
        ])  # fmt: skip
    with engine.connect() as connection:
        lanes = inbox.lanes(connection, "wang", QUEUES["review"], {})
        found, after = [], None
        while page := inbox_pages.page(connection, lanes, Wanted(), today(), after, 1):
            found += [(row["dataset_id"], row["record_id"]) for row in page]
            after = Place.of(page[-1])
    assert len(found) == len(set(found))
    assert {n for n, record in found if record == dated["record_id"]} == {1, 2, 3}


def _due(row: dict[str, Any], word: str) -> bool:
    by, day = row["publish_by"], today().isoformat()
    week = (today() + timedelta(days=6)).isoformat()
    found: dict[str, bool] = {
        "overdue": by is not None and by < day and row["hold"] is None,
        "today": by == day,
        "week": by is not None and day <= by <= week,
        "later": by is not None and by > week,
        "none": by is None,
    }
    return found[word]


@pytest.mark.parametrize("word", inbox.DUE)
def test_counts_and_filters_say_what_a_plain_look_says(
    crowd: tuple[Engine, list[dict[str, Any]]], word: str
) -> None:
    engine, rows = crowd
    wanted = Wanted(due=word, department=OWN, dataset="b_set")
    with engine.connect() as connection:
        lanes = inbox.lanes(connection, "wang", QUEUES["review"], {})
        page = inbox_pages.page(connection, lanes, wanted, today(), None, 1000)
        count = inbox_pages.count(connection, lanes, wanted, today())
        for_me = inbox_pages.count(
            connection, lanes, wanted, today(), *inbox_pages.not_by("review", "wang")
        )
        few = inbox_pages.count(connection, lanes, Wanted(), today(), most=5)
    plain = [
        r for r in rows
        if (r["state"], r["department"], r["dataset_id"]) == (PENDING, OWN, 2) and _due(r, word)
    ]  # fmt: skip
    assert {r["record_id"] for r in page} == {r["record_id"] for r in plain}
    assert count == len(plain)
    assert for_me == sum(r["hold"] is None and r["author"] != "wang" for r in plain)
    assert few == 6  # more than five


def test_search_takes_an_id_or_a_part_of_the_key_as_it_is(
    crowd: tuple[Engine, list[dict[str, Any]]],
) -> None:
    engine, rows = crowd
    one = next(r for r in rows if r["state"] == PENDING and r["department"] == "health")
    with engine.connect() as connection:
        lanes = inbox.lanes(connection, "wang", QUEUES["review"], {})

        def found(text: str) -> list[str]:
            page = inbox_pages.page(connection, lanes, Wanted(text=text), today(), None, 1000)
            return [row["record_id"] for row in page]

        assert found(one["record_id"]) == [one["record_id"]]
        assert found(one["key"]) == [one["record_id"]]
        assert found("100__") == found("no such key") == []


def test_owner_approves_what_others_supplied(
    crowd: tuple[Engine, list[dict[str, Any]]],
) -> None:
    engine, _ = crowd
    with engine.connect() as connection:
        own = inbox.lanes(connection, "wang", QUEUES["approve"], {})
        assert {lane.department for lane in own} == {OWN}
        shared = inbox.lanes(connection, "wang", QUEUES["approve"], {"b_set": OWN})
        assert {lane.department for lane in shared if lane.dataset == "b_set"} == {OWN, "health"}
        others = inbox.lanes(connection, "wang", QUEUES["approve"], {"b_set": "justice"})
        assert "b_set" not in {lane.dataset for lane in others}


def test_workbench_and_queue_tell_one_story(desks: Desks) -> None:
    wang, li = desks.staff.person("wang", "reviewer"), desks.staff.person("li", "approver")
    pending = len(desks.rows())
    assert re.search(rf"{pending} 待审核", text_of(wang.get("/")))
    assert re.search(r"\b0 待批准", text_of(li.get("/")))
    page = wang.get("/queues/review").get_data(as_text=True)
    records = re.findall(rf"/records/{PENALTY}/([0-9a-f]{{16}})", page)
    assert len(records) == 20 and "下一页" in page
    dated = [desks.row(record)["publish_by"] for record in records]
    assert dated == sorted(dated)
    late = (today() - date.fromisoformat(dated[0])).days
    assert f"逾期 {late} 天" in page
    deep = wang.get("/queues/review", after=re.findall(r"after=([^\"&]+)", page)[0])
    assert not set(records) & set(re.findall(r"/([0-9a-f]{16})", deep.get_data(as_text=True)))
    assert wang.get("/queues/review", after="nonsense").status_code == 404
    assert wang.get("/queues/unheard").status_code == 404


def test_own_work_is_marked_as_not_for_oneself(desks: Desks) -> None:
    both = desks.staff.person("wang", "reviewer", "approver")
    record = desks.rows()[0]["record_id"]
    assert desks.review(both, record).status_code == 303
    page = text_of(both.get("/queues/approve"))
    assert "不归您处理 由您审核，须由他人批准" in page
    assert re.search(r"\b0 待批准", text_of(both.get("/")))
    assert "不归您处理" not in text_of(desks.staff.person("li", "approver").get("/queues/approve"))
    # nor is a page of it of any use
    assert desks.decide(both, "approve", record).status_code == 409
    assert desks.row(record)["state"] == REVIEWED


def test_others_and_offices_see_no_record(desks: Desks) -> None:
    other = desks.staff.person("sun", "reviewer", department="health")
    assert "没有记录" in text_of(other.get("/queues/review"))
    assert re.search(r"\b0 待审核", text_of(other.get("/")))
    for office in ("system", "security", "audit"):
        browser = desks.staff.person(office, office=office)
        home = browser.get("/")
        assert home.status_code == 200 and "待审核" not in text_of(home)
        assert browser.get("/queues/review").status_code == 403


def test_search_by_document_number(desks: Desks) -> None:
    wang = desks.staff.person("wang", "reviewer")
    row = desks.rows()[5]
    document = row["key"].split("|")[1]
    page = wang.get("/queues/review", q=document).get_data(as_text=True)
    assert row["record_id"] in page
    assert len(set(re.findall(rf"/records/{PENALTY}/([0-9a-f]{{16}})", page))) == 1
