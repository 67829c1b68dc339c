"""Filings in the console: queues, one filing, its evidence, answers, repairs, and third parties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hub.audit.log import Wanted, entries
from hub.filing_intake import TAKEN
from hub.tables import job
from hub.tables_of_filings import consent, filing
from hub.web.console.application import create_console
from tests.console.console_site import Browser, Staff, text_of
from tests.filings.conftest import CODE, PDF, PERSONAL, Office, a_penalty, days_ago, office
from tests.hub.ledger_data import PENALTY

__all__ = ["office"]
CONTACT = ("contact_name", "phone", "email")
RIGHT = "经核实，记录无误。"


@pytest.fixture
def staff(office: Office) -> Staff:
    return Staff(create_console(office.site, office.engine))


def _id(office: Office, number: str) -> int:
    with office.engine.connect() as connection:
        return int(connection.scalar(select(filing.c.id).where(filing.c.number == number)) or 0)


def _filed(office: Office, kind: str = "objection", **more: Any) -> tuple[int, str, str]:
    """(id, number, record) of a filing about a published record."""
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record, kind, **more)
    return _id(office, number), number, record


def _acts(staff: Staff, act: str) -> list[dict[str, Any]]:
    with staff.engine.connect() as connection:
        return entries(connection, Wanted(act=act))


def test_a_queue_has_the_own_departments_filings_and_nothing_personal(
    office: Office, staff: Staff
) -> None:
    number, secret, _ = _filed(office)
    page = staff.person("zhao").get("/filings/queue/objection")
    assert page.status_code == 200 and f"第 {number} 号申请" in text_of(page)
    for told in (*PERSONAL.values(), secret, CODE):
        assert told not in page.get_data(as_text=True)
    elsewhere = staff.person("elsewhere", department="health")
    assert f"第 {number} 号申请" not in text_of(elsewhere.get("/filings/queue/objection"))
    assert elsewhere.get(f"/filings/{number}").status_code == 403
    assert staff.person("zhao").get("/filings/queue/nothing").status_code == 404
    assert staff.person("zhao").get("/filings/999").status_code == 403  # as if it were somebody's


def test_who_sees_what_of_a_filing(office: Office, staff: Staff) -> None:
    number, secret, _ = _filed(office)
    browser = staff.person("zhao")
    for due, words in (
        (days_ago(3), "已逾期 3 天"),
        (days_ago(0), "今日到期"),
        (days_ago(-2), "还剩 2 天"),
    ):
        with office.engine.begin() as connection:
            connection.execute(filing.update().values(due=due))
        for path in ("/filings/queue/objection", f"/filings/{number}"):
            assert words in text_of(browser.get(path))
    handler = browser.get(f"/filings/{number}").get_data(as_text=True)
    approver = staff.person("li").get(f"/filings/{number}").get_data(as_text=True)
    for name in CONTACT:
        assert PERSONAL[name] in handler and PERSONAL[name] not in approver
    assert PERSONAL["statement"] in approver and "仅本部门经办人可见" in approver
    assert secret not in handler  # whoever has it sees the answer
    assert staff.person("wang").get(f"/filings/{number}").status_code == 403  # a reviewer
    for name in ("system", "security", "audit"):
        administrator = staff.person(f"of.{name}", office=name)
        for path in (
            f"/filings/{number}",
            f"/filings/{number}/evidence/1",
            "/filings/queue/repair",
            "/consents",
        ):
            assert administrator.get(path).status_code == 403


def test_evidence_comes_as_it_was_filed_and_as_a_file_to_save(
    office: Office, staff: Staff
) -> None:
    number, secret, _ = _filed(office)
    browser = staff.person("zhao")
    got = browser.get(f"/filings/{number}/evidence/1")
    assert (got.status_code, got.data) == (200, PDF)
    told = got.headers["Content-Disposition"]
    assert told.startswith("attachment;") and told.endswith(".pdf") and "%E8%B5%B5" in told
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.mimetype == "application/octet-stream"
    assert [one["person"] for one in _acts(staff, "filing.evidence")] == ["zhao"]
    assert browser.get(f"/filings/{number}/evidence/2").status_code == 404
    assert browser.get(f"/filings/{number}/evidence/0").status_code == 404
    [path] = (office.site.filings / TAKEN / secret / "evidence").iterdir()
    path.chmod(0o600)
    path.write_bytes(PDF + b" changed")
    assert browser.get(f"/filings/{number}/evidence/1").status_code >= 400
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert b"%PDF" not in browser.get(f"/filings/{number}/evidence/1").data


def test_an_objection_is_taken_in_hand_previewed_and_answered(
    office: Office, staff: Staff
) -> None:
    number, secret, record = _filed(office)
    browser = staff.person("zhao")
    assert browser.post(f"/filings/{number}/accept").status_code == 303
    assert office.state(record) == "objected"
    assert (
        browser.post(f"/filings/{number}/accept").status_code == 409
    )  # a page that was opened twice
    private = {"outcome": "refused", "text": f"{PERSONAL['contact_name']}，无误。"}
    refused = browser.post(f"/filings/{number}/answer", private)
    assert refused.status_code == 409 and "无误。" in refused.get_data(as_text=True)
    right = {"outcome": "refused", "text": RIGHT}
    preview = browser.post(f"/filings/{number}/preview", right)
    assert (
        preview.status_code == 200 and RIGHT in text_of(preview) and "不予支持" in text_of(preview)
    )
    assert office.state(record) == "objected"
    assert browser.post(f"/filings/{number}/answer", right).status_code == 303
    assert office.answer(secret)["answer_zh"] == RIGHT
    assert office.state(record) == "published"
    shown = text_of(browser.get(f"/filings/{number}"))
    assert RIGHT in shown and "作出决定并答复申请人" in shown
    with office.engine.connect() as connection:
        [last] = connection.scalars(select(job.c.kind).order_by(job.c.id.desc()).limit(1))
    assert last == "publish"
    noted = [(one["act"], one["outcome"]) for one in _acts(staff, "filing.answer")]
    assert noted == [("filing.answer", "done"), ("filing.answer", "refused")]
    for one in _acts(staff, "filing.answer") + _acts(staff, "filing.accept"):
        assert secret not in str(one) and PERSONAL["party_name"] not in str(one)


def test_taking_a_record_back_takes_an_approver(office: Office, staff: Staff) -> None:
    number, _, record = _filed(office)
    handler, approver = staff.person("zhao"), staff.person("li")
    handler.post(f"/filings/{number}/accept")
    assert "end-withdrawn" not in handler.get(f"/filings/{number}").get_data(as_text=True)
    back = {"outcome": "withdrawn", "text": "记录有误，已撤下。"}
    assert handler.post(f"/filings/{number}/answer", back).status_code == 403
    assert approver.post(f"/filings/{number}/answer", back).status_code == 303
    assert office.state(record) == "withdrawn"


def test_a_repair_takes_a_handler_and_another_person(office: Office, staff: Staff) -> None:
    number, secret, record = _filed(office, "repair")
    handler, approver = staff.person("zhao", "approver"), staff.person("li")
    handler.post(f"/filings/{number}/accept")
    grant = {"outcome": "grant", "text": "准予信用修复。"}
    early = approver.post(f"/filings/{number}/decide", grant)
    assert early.status_code == 409 and "准予信用修复。" in early.get_data(as_text=True)
    for condition in ("performed", "remedied"):
        found = {"condition": condition, "met": "yes", "note": "缴款凭证"}
        assert handler.post(f"/filings/{number}/confirm", found).status_code == 303
    assert (
        handler.post(f"/filings/{number}/confirm", {"condition": "performed"}).status_code == 404
    )
    shown = text_of(approver.get(f"/filings/{number}"))
    assert "缴款凭证" in shown and "待核实" not in shown
    assert handler.post(f"/filings/{number}/decide", grant).status_code == 409  # the handler's own
    assert approver.post(f"/filings/{number}/decide", {"text": "准予"}).status_code == 404
    assert approver.post(f"/filings/{number}/decide", grant).status_code == 303
    assert office.state(record) == "repaired"
    assert office.answer(secret)["answer_zh"] == "准予信用修复。"


def test_what_waits_in_the_folder_is_taken_in(office: Office, staff: Staff) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.file(record)
    browser = staff.person("zhao")
    assert browser.post("/filings/take", {"kind": "objection"}).status_code == 303
    assert "接收 1 件" in text_of(browser.get("/filings/queue/objection"))
    assert f"第 {_id(office, number)} 号申请" in text_of(browser.get("/filings/queue/objection"))
    assert len(_acts(staff, "filing.take")) == 1  # what follows is the hub's own upkeep


def test_pages_of_a_queue_leave_nothing_out(office: Office, staff: Staff) -> None:
    (record,) = office.publish(a_penalty(1))
    with office.engine.begin() as connection:
        number = connection.scalar(select(filing.c.dataset_id)) or 1
        row = {"kind": "correction", "dataset_id": number, "record_id": record, "state": "received",
               "content_sha256": "0" * 64, "party_name": "甲", "statement": "乙", "evidence": "[]",
               "filed_at": "2026-11-01T00:00:00+08:00", "filed_on": "2026-11-01",
               "received_at": "2026-11-01T00:00:00.000Z"}  # fmt: skip
        many = [{**row, "number": f"n{n}", "due": None if n % 5 == 0 else f"2026-12-{n % 9 + 10}"}
                for n in range(120)]  # fmt: skip
        connection.execute(filing.insert(), many)
    browser, seen, after = staff.person("zhao"), [], ""
    for _ in range(5):
        page = browser.get("/filings/queue/correction", after=after).get_data(as_text=True)
        seen += [one.partition('"')[0] for one in page.split('href="/console/filings/')[1:]
                 if one[0].isdigit()]  # fmt: skip
        _, more, rest = page.partition('class="pages"')
        if not more:
            break
        after = rest.partition("after=")[2].partition('"')[0]
    assert len(seen) == len(set(seen)) == 120


def _pending(office: Office, browser: Browser) -> str:
    office.deliver(a_penalty(1))
    with office.engine.connect() as connection:
        from hub.tables_of_review import disclosure

        return str(connection.scalar(select(disclosure.c.record_id)))


def test_a_third_party_is_asked_answers_and_is_decided_on(office: Office, staff: Staff) -> None:
    reviewer, approver = staff.person("wang"), staff.person("li")
    record = _pending(office, reviewer)
    found = reviewer.get("/consents/find", dataset=PENALTY, record=record)
    assert found.headers["Location"].endswith(f"/consents/ask/{PENALTY}/{record}")
    ask = f"/consents/ask/{PENALTY}/{record}"
    assert "茂名市第一号商行" in text_of(reviewer.get(ask))
    assert reviewer.post(ask, {"party": " "}).status_code == 400
    assert approver.post(ask, {"party": "茂名金丝雀食品有限公司"}).status_code == 403
    asked = reviewer.post(ask, {"party": "茂名金丝雀食品有限公司"})
    place = asked.headers["Location"].removeprefix("/console")
    assert "金丝雀" not in text_of(reviewer.get("/consents"))
    assert "金丝雀" in text_of(reviewer.get(place))
    assert reviewer.post(f"{place}/answer", {"said": "none"}).status_code == 409  # too early
    said = {"said": "refused", "note": "商业秘密"}
    assert reviewer.post(f"{place}/answer", said).status_code == 303
    publish = {"decision": "publish", "reason": "涉及公共安全"}
    assert reviewer.post(f"{place}/decide", publish).status_code == 403
    assert approver.post(f"{place}/decide", publish).status_code == 303
    with office.engine.connect() as connection:
        row = connection.execute(select(consent)).one()
    assert (row.answer, row.decision, row.decided_by) == ("refused", "publish", "li")
    assert "涉及公共安全" in text_of(approver.get(place))
    assert "商业秘密" not in str(_acts(staff, "consent.answer"))
    elsewhere = staff.person("elsewhere3", department="health")
    assert elsewhere.get(place).status_code == 403
    assert elsewhere.get(ask).status_code == 403


def test_a_files_name_is_safe(tmp_path: Path) -> None:
    from hub.web.console.evidence_files import _name

    for told, name in (
        ("../../etc/passwd", "passwd.pdf"),
        ("run.exe", "run.pdf"),
        ("缴款\r\nX-Evil: 1.pdf", "缴款X-Evil: 1.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.pdf"),
        ("", "1.pdf"),
    ):
        assert _name({"name": told, "media_type": "application/pdf"}, 1) == name
