"""The commands of filings and consents, as their documentation has them."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from hub.cli.main import hub
from tests.filings.conftest import PERSONAL, Office, a_penalty
from tests.hub.ledger_data import PENALTY


def run(office: Office, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(office.site.path), *words])


def told(office: Office, *words: str) -> Any:
    done = run(office, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_an_objection_on_the_command_line(office: Office) -> None:
    record, _ = office.publish(a_penalty(1), a_penalty(2))
    number = office.file(record)
    assert told(office, "filing", "take")["taken"] == 1
    listed = told(office, "filing", "list")
    assert [one["number"] for one in listed["filings"]] == [number] and listed["set_aside"] == []
    text = run(office, "filing", "list").stdout
    assert "异议" in text and PERSONAL["party_name"] not in text
    done = told(office, "filing", "accept", number, "--as", "zhao")
    assert (done["state"], done["record_state"], done["published"]) == (
        "in_handling",
        "objected",
        True,
    )
    assert "异议处理中" in repr(office.shown())
    shown = told(office, "filing", "show", number, "--as", "zhao")
    assert shown["phone"] == PERSONAL["phone"]
    assert PERSONAL["phone"] in run(office, "filing", "show", number, "--as", "zhao").stdout
    reply = ("--outcome", "refused", "--answer", "经核实，记录无误。")
    text = run(office, "filing", "answer", number, *reply, "--as", "zhao").stdout
    assert number in text and "拒绝" in text
    assert office.answer(number)["state"] == "refused"
    assert "异议处理中" not in repr(office.shown())
    assert told(office, "filing", "list")["filings"] == []
    assert len(told(office, "filing", "list", PENALTY, "--all")["filings"]) == 1
    assert told(office, "filing", "list", "--overdue")["filings"] == []


def test_a_repair_on_the_command_line(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record, "repair")
    assert told(office, "filing", "accept", number, "--as", "zhao")["published"] is False
    repair = ("filing", "repair", number)
    both = ("--confirm", "performed", "--confirm", "remedied", "--note", "缴款凭证")
    found = told(office, *repair, *both, "--as", "zhao")["conditions"]
    assert {one["met"] for one in found} == {True} and all(one["basis"] for one in found)
    assert "已核实" in run(office, *repair, "--as", "li").stdout
    refused = run(
        office, *repair, "--grant", "--answer", "准予信用修复。", "--as", "zhao", "--json"
    )
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"]["code"] == "role_missing"
    done = told(office, *repair, "--grant", "--answer", "准予信用修复。", "--as", "li")
    assert (done["state"], done["record_state"]) == ("granted", "repaired")
    assert office.shown() == []
    assert office.answer(number)["answer_zh"] == "准予信用修复。"


def test_errors_name_no_person(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record, "repair")
    for words in (
        ("filing", "show", number),
        ("filing", "show", number, "--as", "elsewhere"),
        ("filing", "repair", number, "--grant", "--answer", "准予", "--as", "li"),
        ("filing", "answer", number, "--outcome", "refused", "--answer", "无误", "--as", "zhao"),
    ):
        done = run(office, *words)
        assert done.exit_code == 1
        for value in PERSONAL.values():
            assert value not in done.output


def test_a_consent_on_the_command_line(office: Office) -> None:
    office.deliver(a_penalty(1))
    record = told(office, "review", "list", PENALTY)["pending"][0]["record_id"]
    ask = ("consent", "ask", PENALTY, record, "--party", "茂名金丝雀食品有限公司", "--as", "wang")
    asked = told(office, *ask)
    number = str(asked["id"])
    assert asked["hold"] == f"consent:{number}"
    assert [one["id"] for one in told(office, "consent", "list")] == [asked["id"]]
    text = run(office, "consent", "list", PENALTY).stdout
    assert asked["due"] in text and "金丝雀" not in text
    early = run(office, "consent", "answer", PENALTY, number, "none", "--as", "wang")
    assert early.exit_code == 1 and "consent_early" in early.output
    told(
        office,
        "consent",
        "answer",
        PENALTY,
        number,
        "refused",
        "--note",
        "商业秘密",
        "--as",
        "wang",
    )
    why = ("--note", "涉及公共安全", "--as", "li")
    done = told(office, "consent", "decide", PENALTY, number, "publish", *why)
    assert (done["hold"], done["decision"]) == (None, "publish")
    assert told(office, "consent", "list") == []
    assert len(told(office, "consent", "list", "--all")) == 1
