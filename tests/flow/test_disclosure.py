"""Disclosure as its people meet it: departments, differences, rules of law, terms, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.standard import Review
from hub import people, publishing, review
from hub.chosen import Chosen
from hub.database import write
from hub.decisions import Reason
from hub.departures import departed
from hub.disclosure_proof import check_disclosures
from hub.expiry import sweep
from hub.review import Desk
from hub.tables_of_review import disclosure
from tests.flow.penalties import Office, doc_no, open_office
from tests.flow.small_standard import DATASET


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with time_machine.travel("2026-05-20T02:00:00Z", tick=True):
        made = open_office(tmp_path, database_url)
        yield made
        made.engine.dispose()


def refused(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.issue.code


def test_nobody_acts_for_another_department(office: Office) -> None:
    office.say(1, department="health")
    with pytest.raises(Refused) as caught:
        office.review(1, by="wang")
    assert refused(caught) == "role_missing"
    assert office.review(1, by="sun") == 1
    with pytest.raises(Refused) as caught:
        office.approve(1, by="li")
    assert refused(caught) == "role_missing"
    assert office.approve(1, by="qian") == 1
    with pytest.raises(Refused) as caught:
        office.act("withdraw", 1, by="li", reason="other")
    assert refused(caught) == "role_missing"


def test_who_lost_a_role_decides_nothing_more(office: Office) -> None:
    office.say(1)
    with write(office.engine) as connection:
        people.revoke(connection, "wang", "market_regulation", "reviewer", "boss")
    with pytest.raises(Refused) as caught:
        office.review(1)
    assert refused(caught) == "role_missing"
    with pytest.raises(Misdeclared), write(office.engine) as connection:
        people.revoke(connection, "wang", "market_regulation", "reviewer", "boss")


def test_who_handed_a_record_in_neither_reviews_nor_approves_it(office: Office) -> None:
    office.say(1, author="wang")
    with pytest.raises(Refused) as caught:
        office.review(1, by="wang")
    assert refused(caught) == "same_person"
    office.review(1, by="zhao")
    with pytest.raises(Refused) as caught:
        office.approve(1, by="wang")
    assert refused(caught) == "same_person"
    assert office.approve(1, by="li") == 1


def test_a_correction_of_what_is_not_public_leaves_the_approval(office: Office) -> None:
    office.say(1)
    assert set(office.release(1)) == {1}
    office.say(
        1, author="wang", procedure="普通程序", cert_no="x1"
    )  # the reviewer's own correction
    assert office.row(1)["state"] == "published"
    assert set(office.publish()) == {1}


def test_a_penalty_needs_an_examination_for_secrets_and_personal_data(office: Office) -> None:
    office.say(1)
    for said in ({}, {"secrecy": True}, {"privacy": True}):
        with pytest.raises(Refused) as caught:
            review.review(office.desk("wang"), office.chosen(1), **said)
        assert refused(caught) == "not_examined"
    office.review(1)
    (told,) = [m for m in office.shown(1)["history"] if m["act"] == "review"]
    assert (told["secrecy"], told["privacy"], told["actor"]) == ("cleared", "cleared", "wang")


def test_a_new_revision_asks_again_and_shows_the_difference(office: Office) -> None:
    office.say(1)
    office.release(1)
    office.say(1, violation_type="无照经营")
    shown = office.shown(1)
    assert shown["state"] == "pending"
    assert shown["difference"] == {"violation_type": {"before": "虚假广告", "now": "无照经营"}}
    assert office.release(1)[1]["violation_type"] == "无照经营"
    assert office.row(1)["state"] == "corrected"
    assert office.shown(1)["difference"] == {}
    acts = [move["act"] for move in office.shown(1)["history"]]
    assert acts == [
        "ask",
        "review",
        "approve",
        "publish",
        "void",
        "review",
        "approve",
        "republish",
    ]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"penalty_kinds": ["警告"]}, "penalty-warning-only"),
        ({"procedure": "简易程序"}, "penalty-summary"),
        ({"status": "撤销"}, "penalty-withdrawn"),
        ({"use_scope": "1"}, "penalty-use-scope"),
    ],
)
def test_what_may_never_be_published_is_refused_by_rule(
    office: Office, cells: dict[str, object], rule: str
) -> None:
    office.say(1, **cells)
    assert office.row(1)["state"] == "refused"
    assert office.row(1)["why"].startswith(f"{rule}@")
    with pytest.raises(Refused) as caught:
        office.review(1)
    assert refused(caught) == "state_wrong"
    assert office.publish() == {}


def test_a_revoked_decision_is_taken_back_at_once_with_its_legal_basis(office: Office) -> None:
    office.say(1, 2)
    assert set(office.release(1, 2)) == {1, 2}
    office.say(1, status="撤销")
    assert office.row(1)["state"] == "withdrawn"
    last = office.shown(1)["history"][-1]
    assert (last["act"], last["reason_code"]) == ("take_back", "decision_changed")
    assert "第四十八条" in last["legal_basis"]
    assert set(office.publish()) == {2}


def test_a_term_ends_by_itself(office: Office) -> None:
    office.say(
        1
    )  # the measures of 2026: a year from the document, which is shorter than three years
    shown = office.release(1)[1]
    assert shown["published_on"] == "2026-05-20"
    assert shown["disclosed_until"] == "2027-05-06"
    clocks = office.shown(1)["clocks"]
    assert (clocks["public_until"], clocks["other_until"]) == ("2027-05-06", "2029-05-20")
    with time_machine.travel("2027-05-06T10:00:00Z"):  # its last day
        assert sweep(office.engine) == {}
        assert set(office.public()) == {1}
    with time_machine.travel("2027-05-06T16:30:00Z"):  # half past midnight in Shanghai
        assert office.public() == {}  # before anybody did anything
        assert sweep(office.engine) == {DATASET: 1}
        assert office.row(1)["state"] == "expired"
        assert office.publish() == {}
        office.say(1, cert_no="x")  # what isn't public changes nothing
        assert office.row(1)["state"] == "expired"
        office.say(1, decided_on="2027-05-01")
        assert office.row(1)["state"] == "pending"  # a term that lasts again


def test_what_is_over_before_it_could_be_published_never_is(office: Office) -> None:
    office.say(1, decided_on="2026-04-02")
    office.review(1)
    office.approve(1)
    with time_machine.travel("2027-05-01T02:00:00Z"):
        assert office.publish() == {}
        assert office.row(1)["state"] == "expired"


def test_a_scheduled_record_waits_for_its_day(office: Office) -> None:
    office.say(1)
    office.review(1)
    office.approve(1)
    review.schedule(office.desk("li"), office.chosen(1), "2026-05-22")
    assert office.publish() == {}
    with time_machine.travel("2026-05-21T16:00:00Z"):  # the 22nd in Shanghai
        assert sweep(office.engine, date(2026, 5, 22)) == {DATASET: 0}
        assert set(office.publish()) == {1}


def test_a_withdrawn_record_stays_out_until_it_says_something_else(office: Office) -> None:
    office.say(1)
    office.release(1)
    with pytest.raises(Refused) as caught:
        office.act("withdraw", 1)
    assert refused(caught) == "reason_missing"
    with pytest.raises(Misdeclared):
        review.withdraw(office.desk("li"), office.chosen(1), Reason("objection_filed"))
    review.withdraw(office.desk("li"), office.chosen(1), Reason("inaccurate", "金额有误"))
    with office.engine.connect() as connection:
        assert departed(connection) == [DATASET]
    assert office.publish() == {}
    with office.engine.connect() as connection:
        assert departed(connection) == []
    office.say(1, cert_no="x")
    assert office.row(1)["state"] == "withdrawn"
    office.say(1, violation_type="无照经营")
    assert office.row(1)["state"] == "pending"


def test_an_objection_is_shown_and_an_answer_ends_it(office: Office) -> None:
    office.say(1)
    office.release(1)
    office.act("object", 1, reason="objection_filed")
    assert office.publish()[1]["objection"] == "异议处理中"
    office.act("uphold", 1, reason="objection_refused")
    assert office.publish()[1].get("objection") is None


def test_what_the_department_takes_back_and_says_again_is_asked_again(office: Office) -> None:
    office.say(1)
    office.release(1)
    office.take_back(1)
    assert office.row(1)["state"] == "withdrawn"
    assert office.publish() == {}
    office.say(1)
    assert office.row(1)["state"] == "pending"
    record_id = office.row(1)["record_id"]
    assert office.release(1)[1]["record_id"] == record_id  # its address is permanent


def test_by_its_own_record_id_only(office: Office) -> None:
    office.say(1)
    with pytest.raises(Refused) as caught:
        review.review(office.desk("wang"), Chosen(("0" * 16,)), secrecy=True, privacy=True)
    assert refused(caught) == "record_unknown"


def die(*_: object) -> None:
    raise KeyboardInterrupt


def crash(office: Office, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The process ends while it publishes, at one of its steps."""
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(publishing, step, die)
        office.publish()


def test_a_process_that_dies_after_the_release_is_in_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.say(1, 2)
    office.review(1, 2)
    office.approve(1, 2)
    crash(office, monkeypatch, "_mark")
    assert set(office.public()) == {1, 2}
    assert office.states() == {"approved": 2}
    office.take_back(2)
    with office.engine.connect() as connection:
        assert departed(connection) == [DATASET]  # nobody has to remember that it was public
    with time_machine.travel("2026-05-22T02:00:00Z"):
        assert (
            office.publish()[1]["published_on"] == "2026-05-20"
        )  # the first day is the first day
    assert (office.row(1)["state"], office.row(1)["published_on"]) == ("published", "2026-05-20")


def test_a_process_that_dies_before_the_release_is_in_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.say(1)
    office.review(1)
    office.approve(1)
    crash(office, monkeypatch, "_check_still")
    assert office.public() == {}
    assert set(office.publish()) == {1}


def test_a_decision_that_comes_while_a_release_is_built_counts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.say(1, 2)
    office.release(1, 2)
    office.say(3)
    office.review(3)
    office.approve(3)
    whole, waiting = publishing.build_release, [1]

    def build_late(*arguments: Any, **words: Any) -> Any:
        while waiting:
            office.act("withdraw", waiting.pop(), reason="other")
        return whole(*arguments, **words)

    monkeypatch.setattr(publishing, "build_release", build_late)
    assert set(office.publish()) == {2, 3}
    current = publishing.current_release(office.site.releases, DATASET)
    assert current is not None and current.number == 2  # what was overtaken was never in place


@pytest.mark.parametrize("code", ["disclosure_wrong", "approval_wrong"])
def test_who_changes_the_database_by_hand_is_found_out(office: Office, code: str) -> None:
    office.say(1, 2)
    office.release(1, 2)
    with office.engine.connect() as connection:
        assert check_disclosures(connection, DATASET) == []
    embedded = office.engine.dialect.name == "sqlite"
    with write(office.engine) as connection:
        if code == "approval_wrong":  # the name of somebody who never said yes
            values = {"approved_by": "zhao"}
        elif embedded:
            connection.exec_driver_sql("DROP TRIGGER disclosure_moved")
            values = {"state": "expired", "decision_id": 99}
        else:
            connection.exec_driver_sql("ALTER TABLE disclosure DISABLE TRIGGER ALL")
            values = {"state": "expired", "decision_id": 99}
        mine = disclosure.c.key == doc_no(2)
        connection.execute(update(disclosure).where(mine).values(values))
    with office.engine.connect() as connection:
        (found,) = check_disclosures(connection, DATASET)
    assert (found.code, found.value) == (code, office.row(2)["record_id"])


def test_a_party_of_another_province_gives_a_day_for_its_registry(office: Office) -> None:
    office.say(1)
    office.say(2, party_home_province="440000")
    office.say(3, party_home_province="450000")
    assert "push_by" not in office.shown(1)["clocks"]
    assert "push_by" not in office.shown(2)["clocks"]
    clocks = office.shown(3)["clocks"]
    # Decided on Wednesday, 6 May 2026; Saturday the 9th is worked.
    assert (clocks["push_by"], clocks["push_rule"]) == (
        "2026-05-19", "push-to-registry@2021-09-01",
    )  # fmt: skip
    assert clocks["publish_by"] == "2026-05-14"  # seven working days come first


def test_where_the_standard_says_so_the_owner_approves_what_others_deliver(office: Office) -> None:
    office.say(1, department="health")
    office.review(1, by="sun")
    standard = replace(office.catalogue.get(DATASET), review=Review(examined=True, by_owner=True))
    owner, other = (
        Desk(office.engine, office.catalogue, standard, person) for person in ("li", "qian")
    )
    with pytest.raises(Refused) as caught:
        review.approve(other, office.chosen(1))
    assert refused(caught) == "role_missing"
    assert review.approve(owner, office.chosen(1)) == 1
