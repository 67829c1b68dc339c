"""Deciding on many: a sample of one's own that is looked at, and policies with two signatures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.tables_of_review import policy
from tests.console.console_site import OWN, Browser, text_of
from tests.console.records_site import PENALTY, Desks, make_desks


@pytest.fixture
def desks(tmp_path: Path, database_url: str) -> Desks:
    return make_desks(tmp_path, database_url)


def _draw(browser: Browser, act: str, **form: str) -> str:
    answer = browser.post("/bulk", {"of": PENALTY, "act": act, **form})
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"].removeprefix("/console")


def _look_at_all(desks: Desks, browser: Browser, path: str) -> int:
    """Look at each drawn record as a person does; returns how many there were."""
    count = 0
    while found := re.findall(rf'href="/console({path}/[0-9a-f]{{16}})">查看下一条', browser.get(path).get_data(as_text=True)):  # fmt: skip
        page = browser.get(found[0]).get_data(as_text=True)
        digest = re.findall(r'name="digest" value="([0-9a-f]{64})"', page)[0]
        assert browser.post(found[0], {"digest": digest}).status_code == 303
        count += 1
    return count


def test_a_whole_change_set_is_decided_on_after_a_look(desks: Desks) -> None:
    wang, li = desks.staff.person("wang", "reviewer"), desks.staff.person("li", "approver")
    waiting = len(desks.rows())
    path = _draw(wang, "review")
    assert "已查看 0 / 20 条" in text_of(wang.get(path))
    early = wang.post(f"{path}/decide", {"secrecy": "1", "privacy": "1"})
    assert early.status_code == 409 and "sample_unseen" in text_of(early)
    assert _look_at_all(desks, wang, path) == 20
    assert wang.post(f"{path}/decide", {}).status_code == 409  # not examined
    done = wang.post(f"{path}/decide", {"secrecy": "1", "privacy": "1"})
    assert done.status_code == 303
    assert f"已处理 {waiting} 条记录中的 {waiting} 条" in text_of(wang.get(path))
    assert wang.post(f"{path}/decide", {"secrecy": "1", "privacy": "1"}).status_code == 409
    second = _draw(li, "approve")
    assert _look_at_all(desks, li, second) == 20
    assert li.post(f"{second}/decide", {}).status_code == 303
    assert len(desks.rows("approved")) == waiting


def test_conditions_narrow_the_change_set(desks: Desks) -> None:
    wang = desks.staff.person("wang", "reviewer")
    narrow = {"field1": "fine_wan", "sign1": "<=", "value1": "1", "field2": "decided_on",
              "sign2": ">=", "value2": "2020-01-01"}  # fmt: skip
    page = text_of(wang.get(_draw(wang, "review", **narrow)))
    assert "≤ 1" in page and "≥ 2020-01-01" in page
    count = int(re.search(r"代表 ([\d,]+) 条记录", page)[1].replace(",", ""))  # type: ignore[index]
    assert 0 < count < len(desks.rows())
    for wrong in ({"field1": "no_field", "value1": "1"}, {"field1": "fine_wan", "sign1": ">=", "value1": "viel"},
                  {"field1": "fine_wan", "sign1": "~", "value1": "1"}):  # fmt: skip
        answer = wang.post("/bulk", {"of": PENALTY, "act": "review", **wrong})
        assert answer.status_code == 409 and 'role="alert"' in answer.get_data(as_text=True)
    none = wang.post("/bulk", {"of": PENALTY, "act": "review", "field1": "doc_no", "value1": "?"})
    assert none.status_code == 409


def test_sample_is_its_owners_and_each_record_as_it_was_drawn(desks: Desks) -> None:
    wang, zhao = desks.staff.person("wang", "reviewer"), desks.staff.person("zhao", "reviewer")
    path = _draw(wang, "review")
    assert zhao.get(path).status_code == 404
    assert zhao.post(f"{path}/decide", {"secrecy": "1", "privacy": "1"}).status_code == 404
    [record, *_] = re.findall(rf"{path}/([0-9a-f]{{16}})", wang.get(path).get_data(as_text=True))
    assert wang.post(f"{path}/{record}", {"digest": "0" * 64}).status_code == 409
    assert wang.post(f"{path}/{record}", {"digest": "no"}).status_code == 409
    assert wang.get(f"{path}/{'0' * 16}").status_code == 404
    sun = desks.staff.person("sun", "reviewer", department="health")
    assert sun.get(path).status_code == 403
    assert sun.get("/bulk/999999999999").status_code == 403


def test_role_decides_which_act_is_drawn_for(desks: Desks) -> None:
    li = desks.staff.person("li", "approver")
    assert li.post("/bulk", {"of": PENALTY, "act": "review"}).status_code == 403
    assert li.post("/bulk", {"of": PENALTY, "act": "publish"}).status_code == 403
    assert li.post("/bulk", {"of": "no_such_set", "act": "approve"}).status_code in (400, 404)
    assert li.get("/bulk").status_code == 200
    assert desks.staff.person("he", "handler").get("/bulk").status_code == 403


def test_policy_takes_two_signatures(desks: Desks) -> None:
    wang = desks.staff.person("wang", "reviewer", "approver")
    li = desks.staff.person("li", "approver")
    form = {"of": PENALTY, "department": OWN, "reason": "登记信息依法公示", "basis": "条例 第六条",
            "begin": "2026-01-01", "field1": "fine_wan", "sign1": "<=", "value1": "1"}  # fmt: skip
    assert wang.post("/policies/new", {**form, "reason": " "}).status_code == 400
    assert wang.post("/policies/new", {**form, "department": "health"}).status_code == 403
    assert wang.post("/policies/new", form).status_code == 303
    with desks.staff.engine.connect() as connection:
        [number] = connection.scalars(select(policy.c.id)).all()
    assert "等待第二人签署" in text_of(li.get("/policies"))
    assert wang.post(f"/policies/{number}/sign").status_code == 409  # proposed it
    assert li.post(f"/policies/{number}/sign").status_code == 303
    approved = desks.rows("approved")
    assert approved and {(r["reviewed_by"], r["approved_by"]) for r in approved} == {
        ("wang", "li")
    }
    page = text_of(wang.get("/policies"))
    assert "生效中" in page and "≤ 1" in page
    sun = desks.staff.person("sun", "approver", department="health")
    assert "≤ 1" not in text_of(sun.get("/policies"))
    assert sun.post(f"/policies/{number}/end").status_code == 403
    assert li.post(f"/policies/{number}/end").status_code == 303
    assert li.post(f"/policies/{number}/end").status_code == 409
    assert "已终止" in text_of(wang.get("/policies"))
