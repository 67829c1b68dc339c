"""Many records at once: samples that must be looked at, and policies that two people sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from exchange_schemas.errors import Misdeclared, Refused
from hub import bulk_review, policies, review, samples
from hub.chosen import Chosen
from hub.database import write
from hub.policies import Proposal
from hub.tables_of_review import policy
from tests.flow.penalties import Office, open_office
from tests.flow.small_standard import DATASET


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    with time_machine.travel("2026-05-20T02:00:00Z", tick=True):
        made = open_office(tmp_path, database_url)
        yield made
        made.engine.dispose()


def look(office: Office, made: dict[str, Any], actor: str, leave: int = 0) -> None:
    """Look at what was drawn, but for the last `leave`."""
    for one in made["drawn"][: len(made["drawn"]) - leave]:
        with write(office.engine) as connection:
            digest = bytes.fromhex(one["view_digest"])
            samples.see(connection, made["sample"], actor, one["record_id"], digest)


def decide(office: Office, made: dict[str, Any], actor: str) -> int:
    return bulk_review.decide_sample(
        office.desk(actor), made["sample"], secrecy=True, privacy=True
    )


def test_more_than_a_page_needs_a_sample_that_was_looked_at(office: Office) -> None:
    office.say(*range(50))
    office.say(*range(50, 60), violation_type="无照经营")
    with pytest.raises(Refused) as caught:
        review.review(office.desk("wang"), Chosen(), secrecy=True, privacy=True)
    assert caught.value.issue.code == "sample_needed"
    condition = {"violation_type": ["虚假广告"]}
    made = bulk_review.draw_sample(office.desk("wang"), "review", condition)
    assert (made["records"], len(made["drawn"])) == (50, samples.SMALLEST)
    look(office, made, "wang", leave=1)
    with pytest.raises(Refused) as caught:
        decide(office, made, "wang")
    assert (caught.value.issue.code, caught.value.issue.params["left"]) == ("sample_unseen", "1")
    look(office, made, "wang")
    assert decide(office, made, "wang") == 50
    assert office.states() == {"reviewed": 50, "pending": 10}
    with pytest.raises(Refused) as caught:
        decide(office, made, "wang")
    assert caught.value.issue.code == "sample_used"


def test_a_sample_is_of_one_person(office: Office) -> None:
    office.say(*range(30))
    made = bulk_review.draw_sample(office.desk("wang"), "review", {})
    with pytest.raises(Misdeclared) as caught:
        look(office, made, "zhao")
    assert caught.value.issue.code == "sample_unknown"
    with pytest.raises(Refused) as nothing:
        bulk_review.draw_sample(office.desk("wang"), "approve", {})
    assert nothing.value.issue.code == "sample_empty"


def test_what_changed_since_the_sample_is_not_decided_on(office: Office) -> None:
    office.say(*range(30))
    made = bulk_review.draw_sample(office.desk("wang"), "review", {})
    look(office, made, "wang")
    office.say(7, violation_type="无照经营")
    assert decide(office, made, "wang") == 29
    assert office.row(7)["state"] == "pending"


def test_a_drawn_record_that_changed_before_it_was_seen(office: Office) -> None:
    office.say(*range(5))
    made = bulk_review.draw_sample(office.desk("wang"), "review", {})
    assert len(made["drawn"]) == 5
    office.say(*range(5), violation_type="无照经营")
    record, now = made["drawn"][0]["record_id"], office.row(0)["view_digest"]
    with pytest.raises(Refused) as caught, write(office.engine) as connection:
        samples.see(connection, made["sample"], "wang", record, now)
    assert caught.value.issue.code == "digest_changed"


def test_a_bulk_decision_leaves_out_what_the_person_may_not_decide_on(office: Office) -> None:
    office.say(*range(10))
    office.say(*range(10, 20), department="health")
    office.say(*range(20, 30), author="wang")
    made = bulk_review.draw_sample(office.desk("wang"), "review", {})
    look(office, made, "wang")
    assert decide(office, made, "wang") == 10
    assert office.row(3)["reviewed_by"] == "wang"
    assert {office.row(n)["state"] for n in (12, 22)} == {"pending"}


def test_a_sample_grows_with_what_it_stands_for() -> None:
    sizes = [samples.size_of(count) for count in (1, 20, 21, 20_000, 100_000, 1_000_000)]
    assert sizes == [1, 20, 20, 20, 100, 200]
    assert samples.size_of(1000, 50) == 50
    assert samples.size_of(1000, 5) == 20


def a_policy(**more: Any) -> Proposal:
    told = {
        "dataset": DATASET, "department": "market_regulation",
        "condition": {"violation_type": ["虚假广告"]}, "reason": "常见案由，格式固定",
        "legal_basis": "市场监督管理行政处罚信息公示规定 第九条", "valid_from": date(2026, 5, 1),
    }  # fmt: skip
    return Proposal(**{**told, **more})


def signed(office: Office, one: Proposal, first: str = "wang", second: str = "li") -> int:
    standard = office.catalogue.get(DATASET)
    with write(office.engine) as connection:
        number = policies.propose(connection, standard, one, first)
        policies.approve_policy(connection, number, second)
    return number


def test_a_policy_approves_what_it_names_and_is_named_on_it(office: Office) -> None:
    number = signed(office, a_policy())
    office.say(1)
    office.say(2, violation_type="无照经营")
    office.say(3, department="health")
    office.say(4, author="wang")  # who signed it has handed this one in
    assert office.states() == {"approved": 1, "pending": 3}
    row = office.row(1)
    assert (row["policy_id"], row["reviewed_by"], row["approved_by"]) == (number, "wang", "li")
    told = office.shown(1)["history"][-1]
    assert (told["act"], told["policy_id"]) == ("approve_by_policy", number)
    assert told["rule"] == f"policy {DATASET}/market_regulation@1"
    assert set(office.publish()) == {1}


def test_a_policy_takes_two_people_of_the_department(office: Office) -> None:
    with pytest.raises(Refused) as caught:
        signed(office, a_policy(), "wang", "wang")
    assert caught.value.issue.code == "same_person"
    with pytest.raises(Refused) as caught:
        signed(office, a_policy(), "sun", "li")
    assert caught.value.issue.code == "role_missing"
    number = signed(office, a_policy())
    with pytest.raises(IntegrityError), write(office.engine) as connection:
        mine = policy.c.id == number
        connection.execute(update(policy).where(mine).values(approved_by="wang"))


def test_a_policy_begins_ends_and_is_followed_by_another(office: Office) -> None:
    signed(office, a_policy(valid_from=date(2026, 6, 1)))
    office.say(1)
    assert office.row(1)["state"] == "pending"  # not yet
    second = signed(office, a_policy(valid_to=date(2026, 5, 21)))
    office.say(2)
    assert office.row(2)["policy_id"] == second
    with time_machine.travel("2026-05-22T02:00:00Z"):
        office.say(3)
        assert office.row(3)["state"] == "pending"  # not any more
    with write(office.engine) as connection:
        policies.end_policy(connection, second, "li")
    office.say(4)
    assert office.row(4)["state"] == "pending"
    with pytest.raises(Refused), write(office.engine) as connection:
        policies.end_policy(connection, second, "li")
    told = policies.list_policies(office.engine.connect(), DATASET)
    assert [(one["version"], one["ended_by"]) for one in told] == [(2, "li"), (1, "li")]


def test_a_policy_with_a_condition_that_means_nothing(office: Office) -> None:
    with pytest.raises(Misdeclared) as caught:
        signed(office, a_policy(condition={"colour": ["red"]}))
    assert caught.value.issue.code == "condition_invalid"
