"""The whole way of objections and corrections, from the drop folder to the answer."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from hub import answers, filings, objections
from hub.answers import Texts
from hub.database import write
from hub.tables_of_filings import filing
from hub.tables_of_review import decision
from publisher.answers import read_answer
from tests.filings.conftest import PDF, PERSONAL, Office, a_penalty, last_day, refused
from tests.hub.ledger_data import PENALTY

SORRY = Texts("经核实，记录无误。", "The record is right.")


def test_an_objection_marks_the_record_until_it_is_answered(office: Office) -> None:
    record, other = office.publish(a_penalty(1), a_penalty(2))
    number = office.file(record)
    assert office.take() == {"taken": 1, "known": 0, "refused": 0, "answers": 1}
    told = office.answer(number)
    assert told == {
        "number": number, "kind": "objection", "dataset": PENALTY, "state": "received",
        "filed_on": today().isoformat(), "due": last_day(20), "answered_on": None,
        "answer_zh": None, "answer_en": None,
    }  # fmt: skip
    assert read_answer(office.site.answers, number) is not None
    assert office.state(record) == "published"

    office.work(objections.accept(office.desk("zhao"), number))
    answers.tell(office.site, office.engine)
    assert office.state(record) == "objected"
    marks = {one["record_id"]: one.get("objection") for one in office.shown()}
    assert marks == {record: "异议处理中", other: None}
    assert office.answer(number)["state"] == "in_handling"

    job = objections.answer(office.desk("zhao"), number, "refused", SORRY)
    office.work(job)
    answers.tell(office.site, office.engine)
    assert office.state(record) == "published"
    assert [one.get("objection") for one in office.shown()] == [None, None]
    told = office.answer(number)
    assert (told["state"], told["answer_zh"]) == ("refused", "经核实，记录无误。")
    assert told["answered_on"] == today().isoformat()
    with office.engine.connect() as connection:
        query = select(decision.c.act, decision.c.actor, decision.c.reason_code)
        acts = connection.execute(query.order_by(decision.c.id)).all()
    assert acts[-2:] == [
        ("object", "zhao", "objection_filed"),
        ("uphold", "zhao", "objection_refused"),
    ]


def test_an_objection_that_is_right_takes_the_record_back_by_an_approver(office: Office) -> None:
    record, other = office.publish(a_penalty(1), a_penalty(2))
    number = office.filed(record)
    objections.accept(office.desk("zhao"), number)
    ask = (number, "withdrawn", Texts("异议成立，已撤回公示。"))
    refused("role_missing", Refused, objections.answer, office.desk("zhao"), *ask)
    refused("role_missing", Refused, objections.answer, office.desk("elsewhere2"), *ask)
    assert office.state(record) == "objected"
    office.work(objections.answer(office.desk("li"), *ask))
    answers.tell(office.site, office.engine)
    assert office.state(record) == "withdrawn"
    assert [one["record_id"] for one in office.shown()] == [other]
    assert office.answer(number)["state"] == "granted"


def test_a_correction_comes_as_a_new_revision(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record, "correction", field="content")
    office.work(objections.accept(office.desk("zhao"), number))
    promised = Texts("已通知报送部门更正。")
    assert objections.answer(office.desk("zhao"), number, "correction", promised) is None
    assert office.state(record) == "objected"  # until the corrected record is there
    office.deliver(a_penalty(1, content="罚款二万元"))
    assert office.state(record) == "pending"
    assert office.publish(a_penalty(1, content="罚款二万元")) == [record]
    (shown,) = office.shown()
    assert shown["content"] == "罚款二万元" and shown.get("objection") is None
    # once more, when it is done; and then never again
    done = Texts("记录已更正并重新公示。")
    objections.answer(office.desk("zhao"), number, "corrected", done)
    answers.tell(office.site, office.engine)
    told = office.answer(number)
    assert (told["state"], told["answer_zh"]) == ("answered", "记录已更正并重新公示。")
    again = (office.desk("zhao"), number, "refused", SORRY)
    refused("filing_state", Refused, objections.answer, *again)


def test_a_mark_stays_while_another_objection_is_open(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    first, second = office.filed(record), office.filed(record, "correction")
    objections.accept(office.desk("zhao"), first)
    assert objections.accept(office.desk("sun"), second) is None  # it is marked already
    assert objections.answer(office.desk("zhao"), first, "refused", SORRY) is None
    assert office.state(record) == "objected"
    office.work(objections.answer(office.desk("sun"), second, "corrected", SORRY))
    assert office.state(record) == "published"


def test_a_promised_correction_keeps_its_mark_until_it_has_come(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    promised, other = office.filed(record, "correction"), office.filed(record)
    for number in (promised, other):
        objections.accept(office.desk("zhao"), number)
    objections.answer(office.desk("zhao"), promised, "correction", Texts("已通知更正。"))
    assert objections.answer(office.desk("zhao"), other, "refused", SORRY) is None
    assert office.state(record) == "objected"
    office.publish(a_penalty(1, content="罚款二万元"))
    later = office.filed(record)
    office.work(objections.accept(office.desk("zhao"), later))
    assert office.state(record) == "objected"
    office.work(objections.answer(office.desk("zhao"), later, "refused", SORRY))
    assert office.state(record) == "published"


def test_where_the_law_has_no_mark_nothing_changes_in_public(office: Office) -> None:
    office.site.law.mkdir()
    (office.site.law / "settings.yml").write_text("objection_mark: false\n", encoding="utf-8")
    own = Office(office.site, office.engine, office.site.catalogue())
    (record,) = own.publish(a_penalty(1))
    number = own.filed(record)
    assert objections.accept(own.desk("zhao"), number) is None
    assert own.state(record) == "published"


def test_wrong_people_departments_states_and_outcomes_are_refused(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record)
    for actor in ("wang", "li", "elsewhere", "nobody"):
        refused("role_missing", Refused, objections.accept, office.desk(actor), number)
        assert office.state(record) == "published"
    unknown = (office.desk("zhao"), "SQ20260101-00000000000")
    refused("filing_unknown", Misdeclared, objections.accept, *unknown)
    early = (office.desk("zhao"), number, "refused", SORRY)
    refused("filing_state", Refused, objections.answer, *early)
    objections.accept(office.desk("zhao"), number)
    refused("filing_state", Refused, objections.accept, office.desk("sun"), number)
    wrong = (office.desk("zhao"), number, "granted", SORRY)
    refused("outcome_unknown", Misdeclared, objections.answer, *wrong)
    wrong = (office.desk("elsewhere"), number, "refused", SORRY)
    refused("role_missing", Refused, objections.answer, *wrong)
    with office.engine.connect() as connection:
        for actor in ("wang", "elsewhere", "nobody"):
            refused("role_missing", Refused, filings.show, connection, number, actor)
        shown = filings.show(connection, number, "zhao")
    assert {name: shown[name] for name in PERSONAL} == PERSONAL
    assert shown["evidence"][0]["bytes"] == len(PDF)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "请拨打13800138000", "赵金丝雀：已核实", "联系人钱金丝雀", "见canary@example.cn"],
)
def test_an_answer_has_no_private_data(office: Office, text: str) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record)
    objections.accept(office.desk("zhao"), number)
    code = "answer_private" if text.strip() else "answer_missing"
    ask = (office.desk("zhao"), number, "refused", Texts(text))
    refused(code, Refused, objections.answer, *ask)
    if text.strip():
        ask = (office.desk("zhao"), number, "refused", Texts("已核实", text))
        refused(code, Refused, objections.answer, *ask)
    assert office.state(record) == "objected"


def test_overdue_filings_are_listed_first_and_have_nothing_personal(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (record,) = office.publish(a_penalty(1))
    fresh, late = office.filed(record), office.filed(record)
    with write(office.engine) as connection:
        mine = filing.c.number == late
        connection.execute(update(filing).where(mine).values(due="2026-01-05"))
    with office.engine.connect() as connection:
        found = filings.listing(connection, PENALTY)
        over = filings.overdue(connection, today())
    assert [(one["number"], one["overdue"]) for one in found] == [(late, True), (fresh, False)]
    assert [one["number"] for one in over] == [late]
    objections.accept(office.desk("zhao"), late)
    office.work(objections.answer(office.desk("zhao"), late, "refused", SORRY))
    answers.tell(office.site, office.engine)
    with office.engine.connect() as connection:
        assert filings.overdue(connection, today()) == []
        everything = filings.listing(connection, closed=True)
    files = [path.read_text("utf-8") for path in office.site.answers.iterdir()]
    public = [
        p.read_bytes().decode("utf-8", "replace") for p in office.site.releases.rglob("*.json*")
    ]
    for place in (repr(found), repr(everything), caplog.text, *files, *public):
        for value in (*PERSONAL.values(), "金丝雀"):
            assert value not in place
    assert "filings: " in caplog.text


def test_the_database_itself_refuses_what_was_not_handled(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record, "repair")
    mine = update(filing).where(filing.c.number == number)
    forged: list[dict[str, Any]] = [
        {"state": "in_handling"},
        {"state": "granted", "handler": "zhao"},
        {"state": "granted", "handler": "li", "decided_by": "li", "outcome": "repaired"},
        {"state": "public"},
        {"kind": "wish"},
    ]
    for values in forged:
        with pytest.raises(IntegrityError), write(office.engine) as connection:
            connection.execute(mine.values(values))
    with office.engine.connect() as connection:
        row = dict(connection.execute(select(filing)).mappings().one())
    with pytest.raises(IntegrityError) as caught, write(office.engine) as connection:
        connection.execute(insert(filing).values({**row, "id": 99}))
    assert "金丝雀" not in str(caught.value)  # errors name no values
