"""Third parties are asked before anything of theirs is published, and silence has its day."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from exchange_schemas import clocks
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from hub import consents, disclosures, people, publishing, review
from hub.chosen import Chosen
from hub.database import write
from hub.tables_of_filings import consent
from hub.tables_of_review import decision, disclosure
from tests.filings.conftest import Office, a_penalty, last_day, refused
from tests.hub.ledger_data import PENALTY
from tests.reviewing import approve_all, review_all

PARTY = "茂名金丝雀食品有限公司"
HARM = "涉及食品安全，不公开会对公共利益造成重大影响"


def delivered(office: Office, *numbers: int) -> list[str]:
    office.deliver(*(a_penalty(number) for number in numbers))
    with office.engine.connect() as connection:
        return list(connection.scalars(select(disclosure.c.record_id).order_by(disclosure.c.seq)))


def hold(office: Office, record: str) -> str | None:
    with office.engine.connect() as connection:
        query = select(disclosure.c.hold).where(disclosure.c.record_id == record)
        return connection.scalar(query)


def let_term_end(office: Office, number: int) -> None:
    """As if the party had been asked long ago."""
    with write(office.engine) as connection:
        mine = update(consent).where(consent.c.id == number)
        connection.execute(mine.values(due="2026-01-05"))


def test_nobody_reviews_or_approves_while_a_party_is_asked(office: Office) -> None:
    record, other = delivered(office, 1, 2)
    number = consents.ask(office.desk("wang"), record, PARTY)
    assert hold(office, record) == f"consent:{number}"
    look = (office.desk("wang"), Chosen((record,)))
    refused("on_hold", Refused, review.review, *look, secrecy=True, privacy=True)
    assert review_all(office.engine, PENALTY, "wang") == 1  # the other one
    assert (office.state(record), office.state(other)) == ("pending", "reviewed")
    with office.engine.connect() as connection:
        (open_one,) = consents.listing(connection)
        assert (open_one["due"], open_one["overdue"]) == (last_day(15), False)
        assert PARTY not in repr(open_one)
        assert consents.show(connection, office.desk("li"), number)["party"] == PARTY
        for actor in ("zhao", "elsewhere3", "nobody"):
            see = (consents.show, connection, office.desk(actor), number)
            refused("role_missing", Refused, *see)


def test_a_reviewed_record_can_be_held_too_and_agreement_lets_it_go(office: Office) -> None:
    (record,) = delivered(office, 1)
    review_all(office.engine, PENALTY, "wang")
    number = consents.ask(office.desk("wang"), record, PARTY)
    refused("on_hold", Refused, review.approve, office.desk("li"), Chosen((record,)))
    with pytest.raises(IntegrityError), write(office.engine) as connection:  # nor by the back door
        values = {"state": "approved", "approved_by": "li", "decision_id": 99}
        values |= {"approved_digest": disclosure.c.view_digest, "approved_seq": disclosure.c.seq}
        connection.execute(update(disclosure).values(values))
    consents.answer(office.desk("wang"), number, "agreed", "同意公开")
    assert hold(office, record) is None
    assert approve_all(office.engine, PENALTY, "li") == 1
    publishing.publish(office.site, office.engine, office.catalogue, PENALTY)
    assert [one["record_id"] for one in office.shown()] == [record]
    again = (office.desk("wang"), number, "refused")
    refused("consent_closed", Refused, consents.answer, *again)
    with office.engine.connect() as connection:
        assert consents.listing(connection) == []
        assert len(consents.listing(connection, PENALTY, closed=True)) == 1


def test_a_refusal_stays_until_an_approver_decides_for_the_public(office: Office) -> None:
    (record,) = delivered(office, 1)
    number = consents.ask(office.desk("wang"), record, PARTY)
    ask = (number, "publish", HARM)
    refused("consent_open", Refused, consents.decide_consent, office.desk("li"), *ask)
    consents.answer(office.desk("wang"), number, "refused", "涉及商业秘密")
    assert hold(office, record) == f"consent:{number}"
    office.deliver(a_penalty(1, content="罚款二万元"))  # a new revision doesn't lift it
    assert hold(office, record) == f"consent:{number}"
    for actor in ("wang", "zhao", "elsewhere2", "nobody"):
        refused("role_missing", Refused, consents.decide_consent, office.desk(actor), *ask)
    blank = (office.desk("li"), number, "publish", " ")
    refused("reason_missing", Refused, consents.decide_consent, *blank)
    unknown = (office.desk("li"), number, "perhaps", HARM)
    refused("consent_decision_unknown", Misdeclared, consents.decide_consent, *unknown)
    consents.decide_consent(office.desk("li"), *ask)
    assert (hold(office, record), office.state(record)) == (None, "pending")
    with office.engine.connect() as connection:
        row = connection.execute(select(consent)).mappings().one()
    assert (row["decided_by"], row["reason"]) == ("li", HARM)
    assert row["legal_basis"] == "政府信息公开条例 第十五条、第三十二条"
    refused("consent_closed", Refused, consents.decide_consent, office.desk("li"), *ask)
    assert review_all(office.engine, PENALTY, "wang") == 1


def test_an_approver_rejects_what_a_third_party_refuses(office: Office) -> None:
    (record,) = delivered(office, 1)
    number = consents.ask(office.desk("wang"), record, PARTY)
    consents.answer(office.desk("wang"), number, "refused")
    consents.decide_consent(office.desk("li"), number, "reject", "理由成立")
    assert (office.state(record), hold(office, record)) == ("rejected", None)
    with office.engine.connect() as connection:
        query = select(decision).where(decision.c.act == "reject")
        last = connection.execute(query).mappings().one()
    assert (last["actor"], last["reason_code"], last["reason"]) == (
        "li",
        "third_party",
        "理由成立",
    )
    assert publishing.publish(office.site, office.engine, office.catalogue, PENALTY) is None


def test_silence_counts_only_after_the_last_day(office: Office) -> None:
    (record,) = delivered(office, 1)
    number = consents.ask(office.desk("wang"), record, PARTY)
    error = refused("consent_early", Refused, consents.answer, office.desk("wang"), number, "none")
    assert error.issue.params["due"] == last_day(15)
    with write(office.engine) as connection:  # the last day itself is the party's still
        mine = update(consent).where(consent.c.id == number)
        connection.execute(mine.values(due=today().isoformat()))
    refused("consent_early", Refused, consents.answer, office.desk("wang"), number, "none")
    let_term_end(office, number)
    with office.engine.connect() as connection:
        assert consents.listing(connection)[0]["overdue"] is True
    consents.answer(office.desk("wang"), number, "none")
    assert hold(office, record) == f"consent:{number}"  # silence alone lifts nothing
    consents.decide_consent(office.desk("li"), number, "publish", "逾期未答复，不涉及商业秘密")
    assert hold(office, record) is None


def test_a_late_answer_counts_while_nobody_has_decided(office: Office) -> None:
    (record,) = delivered(office, 1)
    number = consents.ask(office.desk("wang"), record, PARTY)
    let_term_end(office, number)
    consents.answer(office.desk("wang"), number, "none")
    consents.answer(office.desk("wang"), number, "agreed")
    assert hold(office, record) is None


def test_every_party_has_to_agree(office: Office) -> None:
    (record,) = delivered(office, 1)
    first = consents.ask(office.desk("wang"), record, PARTY)
    second = consents.ask(office.desk("wang"), record, "另一家")
    assert hold(office, record) == f"consent:{first}"
    consents.answer(office.desk("wang"), first, "agreed")
    assert hold(office, record) == f"consent:{second}"
    consents.answer(office.desk("wang"), second, "agreed")
    assert hold(office, record) is None


def test_what_is_public_or_another_department_s_is_not_held(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    refused("state_wrong", Refused, consents.ask, office.desk("wang"), record, PARTY)
    office.deliver(a_penalty(1, content="罚款二万元"))
    for actor in ("li", "zhao", "elsewhere3", "nobody"):
        refused("role_missing", Refused, consents.ask, office.desk(actor), record, PARTY)
    refused("record_unknown", Refused, consents.ask, office.desk("wang"), "0" * 16, PARTY)
    number = consents.ask(office.desk("wang"), record, PARTY)
    unknown = (office.desk("wang"), number, "perhaps")
    refused("consent_answer_unknown", Misdeclared, consents.answer, *unknown)
    refused("role_missing", Refused, consents.answer, office.desk("li"), number, "agreed")
    elsewhere = (office.desk("wang", "market_entity"), number, "agreed")
    refused("consent_unknown", Misdeclared, consents.answer, *elsewhere)
    disclosures.refresh(office.engine, office.catalogue)
    assert hold(office, record) == f"consent:{number}"


def test_the_asker_does_not_decide(office: Office) -> None:
    (record,) = delivered(office, 1)
    with write(office.engine) as connection:
        people.grant(connection, "wang", "market_regulation", "approver", "tests")
    number = consents.ask(office.desk("wang"), record, PARTY)
    consents.answer(office.desk("wang"), number, "refused")
    ask = (office.desk("wang"), number, "publish", HARM)
    refused("same_person", Refused, consents.decide_consent, *ask)
    with pytest.raises(IntegrityError), write(office.engine) as connection:
        values = {"decision": "publish", "decided_by": "wang", "reason": HARM}
        connection.execute(update(consent).values(values))


LAW = load_catalogue().law()


@given(st.dates(date(2019, 5, 15), date(2027, 11, 30)))
def test_the_term_has_fifteen_working_days_on_any_day(start: date) -> None:
    end, rule = clocks.due(LAW, "consent_by", PENALTY, start)
    assert rule.startswith("third-party-consent@")
    worked = LAW.calendar.between(pl.Series([start]), pl.Series([end]))[0]
    assert (worked, LAW.calendar.is_worked(end)) == (15, True)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2025-09-26", "2025-10-23"),  # over National Day and Mid-Autumn; two weekends are worked
        ("2026-02-13", "2026-03-12"),  # over the Spring Festival
        ("2025-12-15", "2026-01-06"),  # over the year's end; the 4th of January is worked
        ("2024-02-08", "2024-03-06"),  # a leap year, and the eve is worked
    ],
)
def test_the_term_over_holidays(asked: str, due: str) -> None:
    end, _ = clocks.due(LAW, "consent_by", PENALTY, date.fromisoformat(asked))
    assert end.isoformat() == due
