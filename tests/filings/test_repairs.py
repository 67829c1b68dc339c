"""Credit repair, from the drop folder to the release without the record; every condition alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from hub import answers, objections, people, repairs
from hub.answers import Texts
from hub.database import write
from hub.decisions import Decision, decide
from hub.tables_of_review import decision, disclosure
from tests.filings.conftest import CODE, Office, a_penalty, days_ago, last_day, refused
from tests.hub.ledger_data import put

YES, NO = Texts("准予信用修复。", "Granted."), Texts("不符合信用修复条件。", "Refused.")
NAMES = (
    "performed", "remedied", "no_repeat", "not_listed", "minimum_period", "heavy_kind", "promise",
)  # fmt: skip


def found(office: Office, number: str) -> dict[str, bool | None]:
    return {one.condition: one.met for one in repairs.conditions(office.desk("li"), number)}


def handled(office: Office, record: str, *, confirmed: bool = True, **more: Any) -> str:
    """An application that zhao has in hand, and found true what it says."""
    number = office.filed(record, "repair", **more)
    objections.accept(office.desk("zhao"), number)
    for condition in ("performed", "remedied") if confirmed else ():
        if more.get(condition, True):
            repairs.confirm(office.desk("zhao"), number, condition, met=True, why="缴款凭证")
    return number


def grant(office: Office, number: str, actor: str = "li") -> int | None:
    return repairs.decide_repair(office.desk(actor), number, grant=True, texts=YES)


def test_the_whole_way_of_a_repair(office: Office) -> None:
    record, other = office.publish(a_penalty(1), a_penalty(2, uscc="91440904MA00000A9G"))
    number = office.filed(record, "repair")
    assert repairs.conditions(office.desk("zhao"), number)[0].met is None
    assert objections.accept(office.desk("zhao"), number) is None  # no mark for a repair
    assert office.state(record) == "published"
    assert found(office, number) == {
        "performed": None, "remedied": None, "no_repeat": True, "not_listed": True,
        "minimum_period": True, "heavy_kind": True, "promise": True,
    }  # fmt: skip
    refused("repair_condition", Refused, grant, office, number)
    for condition in ("performed", "remedied"):
        repairs.confirm(office.desk("zhao"), number, condition, met=True, why="缴款凭证")
    assert set(found(office, number).values()) == {True}
    for one in repairs.conditions(office.desk("zhao"), number):
        assert one.basis and "{" not in one.why.message("zh_CN") + one.why.message("en")
    office.work(grant(office, number))
    answers.tell(office.site, office.engine)
    assert office.state(record) == "repaired"
    assert [one["record_id"] for one in office.shown()] == [other]
    told = office.answer(number)
    assert (told["kind"], told["state"], told["answer_en"]) == ("repair", "granted", "Granted.")
    with office.engine.connect() as connection:
        last = (
            connection.execute(select(decision).where(decision.c.act == "repair")).mappings().one()
        )
    assert (last["actor"], last["reason_code"]) == ("li", "repair_granted")
    assert number not in str(last["reason"])  # whoever has the number can read the answer
    office.deliver(a_penalty(1, content="罚款二万元"))
    assert office.state(record) == "repaired"  # no later revision brings it back


def test_a_refused_application_leaves_the_record_public(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = handled(office, record, confirmed=False)
    repairs.confirm(office.desk("zhao"), number, "performed", met=False, why="尚未缴款")
    assert found(office, number)["performed"] is False
    assert repairs.decide_repair(office.desk("li"), number, grant=False, texts=NO) is None
    answers.tell(office.site, office.engine)
    assert office.state(record) == "published"
    told = office.answer(number)
    assert (told["state"], told["answer_zh"]) == ("refused", NO.zh)
    refused("filing_state", Refused, grant, office, number)


def test_a_repair_is_decided_by_the_law_s_last_day(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    assert office.answer(office.filed(record, "repair"))["due"] == last_day(15)


@pytest.mark.parametrize("condition", ["promise", "performed", "remedied"])
def test_what_the_party_does_not_state_is_not_met(office: Office, condition: str) -> None:
    (record,) = office.publish(a_penalty(1))
    number = handled(office, record, **{condition: False})
    assert found(office, number) == {**dict.fromkeys(NAMES, True), condition: False}
    error = refused("repair_condition", Refused, grant, office, number)
    assert error.issue.value == condition
    if condition != "promise":  # and the handler can't say it in the party's place
        say = (repairs.confirm, office.desk("zhao"), number, condition)
        refused("repair_condition", Refused, *say, met=True)
    assert office.state(record) == "published"


def test_a_later_penalty_of_the_party_is_a_repeat(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = handled(office, record)
    put(office.engine, "administrative_penalty", [
        a_penalty(1),
        a_penalty(2, decided_on=days_ago(300)),  # before
        a_penalty(3, decided_on=days_ago(100), status="撤销"),  # doesn't stand
        a_penalty(4, decided_on=days_ago(100), uscc="91440904MA00000A9G"),  # another's
        a_penalty(5, decided_on=days_ago(100), penalty_kinds=["警告"]),
    ])  # fmt: skip
    one = {c.condition: c for c in repairs.conditions(office.desk("li"), number)}["no_repeat"]
    assert one.met is False
    assert one.why.params["documents"] == "茂市监处罚〔2026〕5号"  # known, if not public
    error = refused("repair_condition", Refused, grant, office, number)
    assert error.issue.value == "no_repeat"
    say = (repairs.confirm, office.desk("zhao"), number, "no_repeat")
    refused("repair_condition", Refused, *say, met=True)


def test_where_only_the_name_is_the_same_a_person_has_to_say(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = handled(office, record)
    unnamed = a_penalty(2, decided_on=days_ago(100), uscc=None, uscc_absent=True)
    put(office.engine, "administrative_penalty", [a_penalty(1), unnamed])
    assert found(office, number)["no_repeat"] is None
    error = refused("repair_condition", Refused, grant, office, number)
    assert error.issue.value == "no_repeat"
    repairs.confirm(office.desk("zhao"), number, "no_repeat", met=True, why="同名的另一家")
    assert set(found(office, number).values()) == {True}
    repairs.confirm(office.desk("zhao"), number, "no_repeat", met=False, why="查实为同一家")
    assert found(office, number)["no_repeat"] is False


@pytest.mark.parametrize(
    "dataset", ["abnormal_operation_list", "quality_blacklist", "unfair_competition_list"]
)
def test_a_party_on_a_list_is_refused_until_it_is_removed(office: Office, dataset: str) -> None:
    (record,) = office.publish(a_penalty(1))
    number = handled(office, record)
    entry = {
        "subject_name": "茂名市第一号商行",
        "uscc": CODE,
        "entry_id": "E1",
        "reason_text": "x",
    }
    put(office.engine, dataset, [{**entry, "listed_on": days_ago(90)}])
    one = {c.condition: c for c in repairs.conditions(office.desk("li"), number)}["not_listed"]
    assert (one.met, one.why.params["documents"]) == (False, "E1")
    error = refused("repair_condition", Refused, grant, office, number)
    assert error.issue.value == "not_listed"
    put(office.engine, dataset, [{**entry, "listed_on": days_ago(90), "removed_on": days_ago(1)}])
    assert found(office, number)["not_listed"] is True
    office.work(grant(office, number))
    assert office.state(record) == "repaired"


def test_the_least_term_has_to_be_over(office: Office) -> None:
    (record,) = office.publish(a_penalty(1, decided_on=days_ago(60)))
    number = handled(office, record)
    one = {c.condition: c for c in repairs.conditions(office.desk("li"), number)}["minimum_period"]
    assert one.met is False and one.why.params["rule"].startswith("repair-general@")
    assert one.why.params["day"] > today().isoformat()
    error = refused("repair_condition", Refused, grant, office, number)
    assert error.issue.value == "minimum_period"
    assert office.state(record) == "published"


HEAVY = {
    "责令停产停业": {},
    "限制开展生产经营活动": {},
    "限制从业": {},
    "降低资质等级": {},
    "吊销许可证件": {"license_revoked": "食品经营许可证 一号"},
    "暂扣或者吊销许可证、暂扣或者吊销执照": {"license_revoked": "营业执照 一号"},
}


@pytest.mark.parametrize("kind", HEAVY)
def test_the_heavy_kinds_are_never_repaired(office: Office, kind: str) -> None:
    kinds = {"penalty_kinds": ["罚款", kind], **HEAVY[kind]}
    (record,) = office.publish(a_penalty(1, **kinds, decided_on=days_ago(160)))
    number = handled(office, record)
    one = {c.condition: c for c in repairs.conditions(office.desk("li"), number)}["heavy_kind"]
    assert (one.met, one.why.params["kinds"]) == (False, kind)
    error = refused("repair_condition", Refused, grant, office, number)
    assert error.issue.value in ("heavy_kind", "minimum_period")
    say = (repairs.confirm, office.desk("zhao"), number, "heavy_kind")
    refused("condition_unknown", Misdeclared, *say, met=True)
    assert office.state(record) == "published"


def test_the_handler_does_not_decide_and_nobody_else_s_department_does(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = handled(office, record)
    with write(office.engine) as connection:
        people.grant(connection, "zhao", "market_regulation", "approver", "tests")
    for actor, code in {
        "zhao": "same_person", "sun": "role_missing", "wang": "role_missing",
        "elsewhere2": "role_missing", "nobody": "role_missing",
    }.items():  # fmt: skip
        refused(code, Refused, grant, office, number, actor)
    for actor in ("li", "elsewhere", "nobody"):
        say = (repairs.confirm, office.desk(actor), number, "performed")
        refused("role_missing", Refused, *say, met=True)
    for actor in ("wang", "elsewhere2"):
        refused("role_missing", Refused, repairs.conditions, office.desk(actor), number)
    assert office.state(record) == "published"
    office.work(grant(office, number, "sun2"))


def test_only_an_application_for_what_is_public_is_granted(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    objection, number = office.filed(record), handled(office, record)
    wrong = (repairs.confirm, office.desk("zhao"), objection, "performed")
    refused("filing_kind_wrong", Refused, grant, office, objection)
    refused("filing_kind_wrong", Refused, *wrong, met=True)
    ask = (office.desk("zhao"), number, "refused", NO)
    refused("filing_kind_wrong", Refused, objections.answer, *ask)
    with write(office.engine) as connection:  # as the calendar would
        mine = disclosure.c.record_id == record
        number_of = connection.scalar(select(disclosure.c.dataset_id).where(mine))
        connection.execute(update(disclosure).where(mine).values(public_until="2026-01-01"))
        assert (
            decide(connection, Decision(int(number_of or 0), "expire", "public_until"), mine) == 1
        )
    refused("state_wrong", Refused, grant, office, number)
    assert repairs.decide_repair(office.desk("li"), number, grant=False, texts=NO) is None
