"""Subscriptions by e-mail: asked for on the served portal, confirmed, sent by a real mail server, ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from hub import subscriptions
from hub.database import write
from hub.schedule import SUBSCRIPTIONS, enqueue_due
from hub.tables import job
from hub.tables_of_subscriptions import subscription, subscription_event
from tests.hub.subscribing_site import BASE, CODE, DATASET, Office, entity, link, open_office, text
from tests.publisher.portal.conftest import release

LI = "li@example.cn"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", monkeypatch) as made:
        yield made


@pytest.fixture
def office_on_both(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """On SQLite, and on PostgreSQL."""
    with open_office(tmp_path, database_url, monkeypatch) as made:
        yield made


def test_a_reader_is_told_of_each_release_once(office_on_both: Office) -> None:
    office = office_on_both
    office.subscribe(LI, dataset=DATASET)
    assert len(office.letters(LI)) == 1  # nothing of what was public before
    office.release(entity(1, domicile="茂名市电白区"), entity(2), entity(3))
    assert office.work()["sent"] == 1
    assert office.work()["sent"] == 0
    letter = office.letters(LI)[-1]
    assert len(office.letters(LI)) == 2
    assert letter["Subject"] == "【市场监管数据开放平台】商事主体登记信息：新增或更正 2 条"
    assert f"+ 茂名荔乡3号公司\n  {BASE}/datasets/{DATASET}/records/e3" in text(letter)
    assert "* 茂名荔乡1号公司" in text(letter) and "荔乡2号" not in text(letter)
    assert letter["From"] == "data@example.cn" and letter["To"] == LI
    assert letter["List-Unsubscribe"] == f"<{link(letter, 'leave')}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_withdrawal_says_nothing_of_the_party_and_goes_first(office: Office) -> None:
    office.subscribe(LI, dataset=DATASET)
    office.release(entity(2), entity(3))
    assert office.work()["sent"] == 2
    first, second = office.letters(LI)[-2:]
    assert "撤下 1 条" in first["Subject"] and first["Importance"] == "high"
    assert "e1" in text(first) and "请勿继续使用" in text(first)
    assert "政府信息公开条例" in text(first)  # the legal ground
    assert "荔乡1号" not in text(first) and CODE not in text(first)
    assert "新增或更正 1 条" in second["Subject"]


def test_a_company_and_a_search_are_told_of_their_own_only(office_on_both: Office) -> None:
    office = office_on_both
    office.subscribe(LI, code=CODE)
    office.subscribe("wang@example.cn", q="荔乡2号")
    office.release(entity(1, domicile="茂名市信宜市"), entity(2), entity(3))
    assert office.work()["sent"] == 1
    assert "荔乡1号" in text(office.letters(LI)[-1])
    office.release(entity(1, domicile="茂名市信宜市"), entity(3))
    assert office.work()["sent"] == 1
    told = text(office.letters("wang@example.cn")[-1])
    assert (
        "e2" in told and "请勿继续使用" in told
    )  # it had matched, and nothing else is left of it


def test_a_dataset_that_comes_later_is_told_of_from_its_first_release(office: Office) -> None:
    office.subscribe(LI, code=CODE)
    penalty = {"record_id": "p1", "subject_name": "茂名荔乡1号公司", "uscc": CODE, "doc_no": "1号"}
    release(office.site.releases, "administrative_penalty", [penalty])
    assert office.work()["sent"] == 1
    assert "行政处罚决定" in office.letters(LI)[-1]["Subject"]


def test_nobody_is_sent_what_nobody_confirmed(office: Office) -> None:
    assert office.ask("email", LI, dataset=DATASET).status_code == 303
    office.work()
    page = httpx.get(office.url + link(office.letters(LI)[0], "confirm").removeprefix(BASE))
    assert page.status_code == 200 and "是否接收" in page.text  # a program may open the link
    assert page.headers["Cache-Control"] == "no-store"
    office.release(entity(3))
    office.work()
    assert len(office.letters(LI)) == 1
    for _ in range(5):  # asking again and again fills no mailbox
        office.ask("email", LI, dataset=DATASET)
    office.work()
    assert len(office.letters(LI)) == 1
    with write(office.engine) as connection:
        connection.execute(update(subscription).values(created_at=subscriptions.ago(days=8)))
    office.work()
    assert office.count("subscription") == office.count("subscription_event") == 0


def test_a_strangers_words_make_no_link_in_a_letter(office: Office) -> None:
    office.ask("email", LI, q="中奖 https://evil.example/x")
    office.work()
    (letter,) = office.letters(LI)
    assert "中奖" in text(letter) and "evil.example" not in text(letter)
    assert "evil.example" not in str(letter["Subject"])


def test_leaving_takes_the_address_along(office: Office) -> None:
    office.subscribe(LI, dataset=DATASET)
    office.release(entity(3))
    office.work()
    leave = office.letters(LI)[-1]["List-Unsubscribe"].strip("<>")
    # as a mail program does it (RFC 8058), from wherever it is
    assert office.post(leave, **{"List-Unsubscribe": "One-Click"}).status_code == 200
    assert office.work()["leave"] == 1
    for table in ("subscription", "subscription_event", "subscription_match"):
        assert office.count(table) == 0
    assert list(office.site.subscriptions.iterdir()) == []
    office.release(entity(4))
    assert office.work()["events"] == 0
    assert office.post(leave).status_code == 200  # once more does no harm
    assert office.work()["useless"] == 1


def test_a_letter_lists_all_of_a_mailbox(office: Office) -> None:
    office.subscribe(LI, dataset=DATASET)
    office.subscribe(LI, code=CODE)
    for address in (LI, "nobody@example.cn", LI):
        asked = httpx.post(f"{office.url}/subscriptions/", data={"address": address})
        assert asked.status_code == 303
    done = office.work()
    assert done["list"] == 1 and done["useless"] == 2
    told = text(office.letters(LI)[-1])
    assert "商事主体登记信息" in told and CODE in told and told.count("/subscriptions/leave/") == 2
    assert "nobody@example.cn" not in office.mail.letters


def test_links_are_worth_nothing_when_altered(office: Office) -> None:
    office.ask("email", LI, dataset=DATASET)
    office.work()
    good = link(office.letters(LI)[0], "confirm")
    act, owner, until, signature = good.rpartition("/")[2].split(".")
    for bad in (
        f"{act}.{'0' * 32}.{until}.{signature}",
        f"{act}.{owner}.9999-12-31.{signature}",
        f"leave.{owner}.{until}.{signature}",
        f"{act}.{owner}.{until}.{'A' * 86}",
        good.rpartition("/")[2] + "x",
    ):
        assert office.post(f"{BASE}/subscriptions/confirm/{bad}").status_code == 404
    assert not list(office.site.subscriptions.glob("*.json"))
    assert office.post(good.replace("/confirm/", "/leave/")).status_code == 404


def test_a_mailbox_that_isnt_there_stops_at_once_and_a_busy_one_is_tried_again(
    office: Office,
) -> None:
    office.subscribe(LI, dataset=DATASET)
    office.subscribe("wang@example.cn", dataset=DATASET)
    office.mail.unknown.add(LI)
    office.mail.busy.add("wang@example.cn")
    office.release(entity(3))
    done = office.work()
    assert (done["sent"], done["failed"], done["given_up"]) == (0, 2, 2)  # two events each
    office.mail.busy.clear()
    assert office.work()["sent"] == 0  # not before its time
    with write(office.engine) as connection:
        connection.execute(update(subscription_event).values(next_at=subscriptions.ago(days=1)))
    assert office.work()["sent"] == 2
    with office.engine.connect() as connection:
        found = {one["state"]: one for one in subscriptions.listing(connection)}
    assert set(found) == {"stopped", "confirmed"}
    assert found["stopped"]["answer"] == "smtp 550"
    assert LI not in json.dumps(found)


def test_the_schedule_finds_work_only_where_there_is_some(office: Office) -> None:
    def queued() -> int:
        made = enqueue_due(office.site, office.engine)
        mine = (job.c.id.in_(made), job.c.topic == SUBSCRIPTIONS)
        with office.engine.connect() as connection:
            return len(connection.scalars(select(job.c.id).where(*mine)).all())

    office.work()
    assert queued() == 0
    office.subscribe(LI, dataset=DATASET)
    assert queued() == 0
    office.release(entity(3))
    assert queued() == 1
