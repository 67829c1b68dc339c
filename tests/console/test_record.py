"""One record: side by side, decided on once, and never otherwise than it was shown."""

from __future__ import annotations

import itertools
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from exchange_schemas.errors import HubError
from hub import review, triggers
from hub.all_tables import ALL
from hub.allowed import ACTS, allowed
from hub.audit.log import Wanted, entries
from hub.chosen import Chosen
from hub.database import write
from hub.decisions import Reason
from hub.review import Desk
from hub.showing import content
from hub.states import STATES
from hub.tables import job, run
from hub.tables_of_review import decision, disclosure
from hub.web.console.record_words import STATES as STATE_WORDS
from hub.web.console.sheet import cut, differing, sheet
from tests.console.console_site import OWN, Browser, text_of
from tests.console.records_site import (
    CATALOGUE,
    PENALTY,
    Desks,
    make_delivered,
    make_desks,
    penalty,
)


@pytest.fixture
def desks(tmp_path: Path, database_url: str) -> Desks:
    return make_desks(tmp_path, database_url)


@pytest.fixture
def delivered(tmp_path: Path, database_url: str) -> Desks:
    return make_delivered(tmp_path, database_url)


def test_everything_of_a_record_is_on_its_page(delivered: Desks) -> None:
    desks = delivered
    wang = desks.staff.person("wang", "reviewer")
    row = desks.rows()[0]
    path = f"/records/{PENALTY}/{row['record_id']}"
    page = wang.get(path)
    text = text_of(page)
    document = row["key"].split("|")[1]
    for told in ("行政处罚决定书文号", document, "待审核", "公示期限", row["publish_by"], "送审",
                 "不公开", "sample_penalties", "penalties.json", "审核通过，送批准"):  # fmt: skip
        assert told in text, told
    assert bytes(row["view_digest"]).hex() in page.get_data(as_text=True)
    source = text_of(wang.get(path, source=1))
    assert "CF_WSH" in source and re.search(r"第 \d+ 行", source)
    assert "按现在的声明读取" not in source
    led = text_of(wang.get(path, ledger=1))
    assert "写入" in led and "没有接收方获得过这条记录" in led


def test_masks_and_private_data_are_marked(desks: Desks) -> None:
    person = penalty(
        900, subject_name="欧阳小明", subject_type="natural", uscc=None, cert_no="440981199001010011",
        content="请拨打 13812345678", license_revoked="许可证，电话 13812345678",
    )  # fmt: skip
    desks.deliver(person)
    [row] = desks.rows("blocked")
    page = desks.staff.person("wang", "reviewer").get(f"/records/{PENALTY}/{row['record_id']}")
    html = page.get_data(as_text=True)
    assert "欧阳<mark" in html and '<mark class="masked">某某</mark>' in html
    assert '<mark class="found">13812345678</mark>' in html and "已脱敏" in html
    assert "公开视图中有 1 处个人信息" in html and re.search(r"8–18", html)
    assert '<mark class="masked">440981199001010011' not in html and "不公开" in html


def test_opened_twice_and_approved_twice(desks: Desks) -> None:
    record = desks.rows()[0]["record_id"]
    desks.review(desks.staff.person("wang", "reviewer"), record)
    li, zhao = desks.staff.person("li", "approver"), desks.staff.person("zhao", "approver")
    digest = bytes(desks.row(record)["view_digest"]).hex()
    for browser in (li, zhao):
        assert "批准" in text_of(browser.get(f"/records/{PENALTY}/{record}"))
    assert desks.decide(li, "approve", record, digest).status_code == 303
    second = desks.decide(zhao, "approve", record, digest)
    assert second.status_code == 409
    told = text_of(second)
    assert "decided_already" in told and "li 于 20" in told and "已批准" in told
    assert f"/records/{PENALTY}/{record}" in second.get_data(as_text=True)
    row = desks.row(record)
    assert (row["approved_by"], row["reviewed_by"]) == ("li", "wang")
    with desks.staff.engine.connect() as connection:
        noted = [
            (e["person"], e["outcome"])
            for e in entries(connection, Wanted(act="disclosure.approve"))
        ]
    assert sorted(noted) == [("li", "done"), ("zhao", "refused")]


def _race(
    browser: Browser, desks: Desks, record: str, start: threading.Barrier, answers: list[int]
) -> None:
    start.wait()
    answers.append(desks.review(browser, record).status_code)


def test_two_reviewers_race_and_one_wins(desks: Desks) -> None:
    browsers = [desks.staff.person(name, "reviewer") for name in ("wang", "zhao")]
    for row in desks.rows()[:4]:
        answers: list[int] = []
        told = (desks, row["record_id"], threading.Barrier(2), answers)
        threads = [threading.Thread(target=_race, args=(one, *told)) for one in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [303, 409]
        assert desks.row(row["record_id"])["state"] == "reviewed"
    with desks.staff.engine.connect() as connection:
        mine = (decision.c.act == "review") & (decision.c.records > 0)
        assert connection.scalar(select(func.count()).where(mine).select_from(decision)) == 4
        noted = entries(connection, Wanted(act="disclosure.review"))
    assert sorted(one["outcome"] for one in noted) == ["done"] * 4 + ["refused"] * 4


def test_source_changes_between_showing_and_approving(desks: Desks) -> None:
    row = desks.rows()[0]
    record = row["record_id"]
    desks.review(desks.staff.person("wang", "reviewer"), record)
    li = desks.staff.person("li", "approver")
    shown = bytes(desks.row(record)["view_digest"]).hex()
    with desks.staff.engine.connect() as connection:
        told = content(connection, CATALOGUE.get(PENALTY), row["seq"])
    desks.deliver({**told, "content": "改为警告"})
    assert bytes(desks.row(record)["view_digest"]).hex() != shown
    answer = desks.decide(li, "approve", record, shown)
    assert answer.status_code == 409 and "digest_changed" in text_of(answer)
    assert desks.row(record)["state"] == "pending"
    page = desks.staff.person("wang", "reviewer").get(f"/records/{PENALTY}/{record}", ledger=1)
    assert "变更内容" in text_of(page) and "处罚内容" in text_of(page)


def test_digest_is_never_left_out(desks: Desks) -> None:
    record = desks.rows()[0]["record_id"]
    wang = desks.staff.person("wang", "reviewer")
    for digest in ("", "00", "x" * 64, "0" * 64):
        form = {"secrecy": "1", "privacy": "1", "digest": digest}
        answer = wang.post(f"/records/{PENALTY}/{record}/review", form)
        assert answer.status_code == 409
    assert desks.decide(wang, "review", record).status_code == 409  # not examined
    assert desks.row(record)["state"] == "pending"


def test_one_goes_on_to_the_next_of_the_queue(desks: Desks) -> None:
    wang = desks.staff.person("wang", "reviewer")
    page = wang.get("/queues/review").get_data(as_text=True)
    records = list(dict.fromkeys(re.findall(rf"/records/{PENALTY}/([0-9a-f]{{16}})", page)))
    for record, following in itertools.pairwise(records[:3]):
        answer = desks.review(wang, record, queue="review")
        assert answer.headers["Location"].endswith(f"/{following}?queue=review")
    last = desks.review(wang, records[2], queue="review", q=records[2])
    assert "/queues/review?q=" in last.headers["Location"]


def test_the_way_to_the_public_and_back(desks: Desks) -> None:
    wang, li = desks.staff.person("wang", "reviewer"), desks.staff.person("li", "approver")
    one, two, three = (row["record_id"] for row in desks.rows()[:3])
    for record in (one, two):
        desks.review(wang, record)
    assert (
        desks.decide(li, "return", one, reason="inaccurate", words="金额有误").status_code == 303
    )
    assert desks.row(one)["state"] == "pending"
    assert desks.decide(li, "approve", two).status_code == 303
    assert desks.decide(li, "schedule", two, day="2099-13-01").status_code == 400
    assert desks.decide(li, "schedule", two, day="2099-12-01").status_code == 303
    assert "2099-12-01" in text_of(li.get("/queues/scheduled"))
    assert desks.decide(li, "unschedule", two).status_code == 303
    assert desks.decide(li, "withdraw", two).status_code == 409  # without a reason
    assert desks.decide(li, "withdraw", two, reason="decision_changed").status_code == 303
    assert desks.row(two)["state"] == "withdrawn"
    assert desks.decide(wang, "reject", three, reason="privacy").status_code == 303
    told = text_of(wang.get(f"/records/{PENALTY}/{one}"))
    assert "金额有误" in told and "内容有误" in told and "退回" in told
    with desks.staff.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(job.c.kind == "publish")) == 1
        [noted] = entries(connection, Wanted(act="disclosure.reject"))
        assert noted["details"]["reason"] == "privacy"


def test_page_offers_just_what_will_be_done(desks: Desks) -> None:
    """Every act × state × roles × part in it: what `allowed` says is what `review.act` does."""
    standard, engine = CATALOGUE.get(PENALTY), desks.staff.engine
    roles = {("reviewer", OWN), ("approver", OWN)}
    desks.staff.person("wang", "reviewer", "approver")
    record = desks.rows()[0]["record_id"]
    row = desks.row(record)
    desk = Desk(engine, CATALOGUE, standard, "wang")
    for author, reviewed, hold in itertools.product(
        (None, "wang"), (None, "wang", "li"), (None, "consent:9")
    ):
        if reviewed is not None and reviewed == author:
            continue
        state = "pending" if reviewed is None else "reviewed"
        now = {**row, "author": author, "reviewed_by": reviewed, "hold": hold, "state": state}
        told = allowed(now, standard, roles, "wang")
        for act in ("review", "approve", "reject"):
            _set(desks, record, now)
            try:
                values = (
                    review.said(desk, act, secrecy=True, privacy=True)[0]
                    if act != "reject"
                    else {}
                )
                why = Reason("privacy") if act == "reject" else None
                done = review.act(desk, act, Chosen((record,)), why, values) == 1
            except HubError:
                done = False
            assert done == (act in told and told[act] is None), (act, author, reviewed, hold)
    assert set(allowed({**row, "state": "published"}, standard, roles, "wang")) == {"withdraw"}
    assert allowed(row, standard, {("handler", OWN)}, "wang") == {}
    assert all(
        set(allowed({**row, "state": s}, standard, roles, "x")) <= set(ACTS) for s in STATES
    )
    assert set(STATE_WORDS) == set(STATES)


def _set(desks: Desks, record: str, row: dict[str, Any]) -> None:
    """Put a disclosure into a state without anybody's leave."""
    names = (
        "state",
        "author",
        "reviewed_by",
        "hold",
        "approved_by",
        "approved_digest",
        "approved_seq",
    )
    examined = {"secrecy": 1, "privacy": 1}
    with write(desks.staff.engine) as connection:
        triggers.drop(connection)
        mine = disclosure.c.record_id == record
        values = {**{name: row[name] for name in names}, **examined}
        connection.execute(update(disclosure).where(mine).values(values))
        triggers.make(connection, ALL)


def test_delivery_that_is_gone_or_read_otherwise_is_told(delivered: Desks) -> None:
    desks = delivered
    wang = desks.staff.person("wang", "reviewer")
    path = f"/records/{PENALTY}/{desks.rows()[0]['record_id']}"
    declared = desks.staff.site.feeds / "sample_penalties.yml"
    text = declared.read_text("utf-8")
    declared.write_text(text.replace("case_name: AJMC", "case_name: CF_WFXW"), "utf-8")
    assert "按现在的声明读取" in text_of(wang.get(path, source=1))
    declared.unlink()
    assert "sample_penalties" in text_of(wang.get(path, source=1))
    with desks.staff.engine.connect() as connection:
        sha = str(connection.scalar(select(run.c.sha256).where(run.c.sha256 != "")))
    declared.write_text(text, "utf-8")
    (desks.staff.site.raw / sha[:2] / sha).unlink()
    answer = wang.get(path, source=1)
    assert answer.status_code == 200 and sha[:8] in text_of(answer)


def test_unknown_and_foreign_records_look_the_same(desks: Desks) -> None:
    other = desks.staff.person("sun", "reviewer", "approver", department="health")
    real = desks.rows()[0]["record_id"]
    for record in (real, "0" * 16):
        assert other.get(f"/records/{PENALTY}/{record}").status_code == 403
        assert (
            other.post(f"/records/{PENALTY}/{record}/review", {"digest": "0" * 64}).status_code
            == 403
        )
    assert other.get(f"/records/no_such_set/{real}").status_code == 403
    assert desks.row(real)["state"] == "pending"


def test_parts_of_a_text() -> None:
    assert differing("张三丰", "张某某") == ([(1, 3, "masked")], [(1, 3, "masked")])
    assert cut("abcdef", [(1, 3, "found"), (2, 5, "masked")]) == [
        ("a", ""), ("bc", "found"), ("de", "masked"), ("f", ""),
    ]  # fmt: skip
    long = "长" * 2500
    assert differing(long + "甲乙" + long, long + "丙" + long) == (
        [(2500, 2502, "masked")], [(2500, 2501, "masked")],
    )  # fmt: skip
    shown = {
        "record": {"old_field": "1"}, "view": {}, "difference": {}, "hits": [],
    }  # fmt: skip
    [line] = sheet(CATALOGUE.get(PENALTY), shown)
    assert (line.name, line.field, line.public) == ("old_field", None, "no_view")
