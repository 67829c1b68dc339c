"""Receipts over HTTP: idempotent, contradicted, limited to what was given, kept as history."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.consumers.consumer import revoke
from hub.database import write
from hub.exchange import receipt_views
from hub.exchange.receipt_proof import prove
from hub.exchange.receipt_reading import MOST_REFUSED, read_message
from hub.exchange.tables_of_receipts import receipt, receipt_message
from hub.grants.tables import consumer_grant
from hub.web import exchange_access
from tests.exchange.receipt_hub import a_puller, companies, erased, refused, taken
from tests.hub.ledger_data import PENALTY, a_penalty, made, put


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(receipt)) or 0)


def test_what_was_said_counts_and_saying_it_again_changes_nothing(engine: Engine) -> None:
    companies(engine, 20)
    one = a_puller(engine)
    one.pull(limit=10)
    message = (taken(1, 4), refused(5, 5), taken(6, 10))
    assert one.say(*message).json == {"receipts": 3, "new": True}
    assert one.ranges() == [(1, 4, "taken"), (5, 5, "refused"), (6, 10, "taken")]
    before = rows(engine)
    for again in (message, message[:1], (taken(2, 3),), (message[1],)):
        assert one.say(*again).json == {"receipts": len(again), "new": False}
    assert rows(engine) == before
    told = one.told()
    assert {n: told[n] for n in ("given", "taken", "refused", "erased", "open", "taken_up_to")} == {
        "given": 10, "taken": 9, "refused": 1, "erased": 0, "open": 0, "taken_up_to": 4,
    }  # fmt: skip
    assert told["receipts"][1] == {**refused(5, 5)}


def test_a_contradiction_is_the_later_word_and_the_earlier_one_stays_as_history(
    engine: Engine,
) -> None:
    companies(engine, 3)
    one = a_puller(engine)
    one.pull()
    for receipt_said in (taken(1, 3), refused(2, 2), taken(2, 2), erased(2, 2)):
        assert one.say(receipt_said).json["new"]
    assert one.ranges() == [(1, 1, "taken"), (2, 2, "erased"), (3, 3, "taken")]
    with engine.connect() as connection:
        words = receipt_views.of_entry(connection, one.consumer().id, one.view().id, 2)
        assert [word["state"] for word in words] == ["taken", "refused", "taken", "erased"]
        assert prove(connection).issues == []


def test_a_message_with_an_id_is_taken_once_however_late_it_comes_again(engine: Engine) -> None:
    companies(engine, 3)
    one = a_puller(engine)
    one.pull()
    assert one.say(taken(1, 3), id="m-1").json["new"]
    assert one.say(refused(2, 2), id="m-2").json["new"]
    assert not one.say(taken(1, 3), id="m-1").json["new"]  # delayed on its way
    assert (2, 2, "refused") in one.ranges()
    other = one.say(taken(1, 2), id="m-1")
    assert (other.status_code, other.json["code"]) == (409, "receipt_other")


def test_a_message_that_said_nothing_new_is_no_later_word_either(engine: Engine) -> None:
    companies(engine, 3)
    one = a_puller(engine)
    one.pull()
    assert one.say(taken(1, 3)).json["new"]
    assert not one.say(taken(1, 2), id="m-1").json["new"]
    assert one.say(refused(2, 2), id="m-2").json["new"]
    assert not one.say(taken(1, 2), id="m-1").json["new"]
    assert (2, 2, "refused") in one.ranges()
    with engine.connect() as connection:
        assert prove(connection).issues == []


def test_nobody_answers_for_what_it_was_never_given(engine: Engine) -> None:
    companies(engine, 20)
    one, other = a_puller(engine), a_puller(engine, "市民政局")
    other.pull()
    one.pull(limit=4)
    one.pull(after=9, limit=3)  # 10 … 12
    for beyond in (taken(1, 5), taken(1, 12), erased(13, 13), taken(5, 9), refused(20, 20)):
        answer = one.say(taken(1, 1), beyond)
        assert (answer.status_code, answer.json["code"]) == (409, "receipt_not_given")
        assert "市" not in answer.json["detail_en"]
    assert one.ranges() == []
    assert one.say(taken(1, 4), taken(10, 12)).json["new"]
    assert one.told()["open"] == 0


def test_two_messages_at_once_leave_ranges_that_one_after_the_other_give(engine: Engine) -> None:
    companies(engine, 60)
    one = a_puller(engine)
    one.pull()
    messages = [(taken(n, n + 20), refused(n + 5, n + 6)) for n in range(1, 40, 3)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda said: one.say(*said), messages))
    assert {a.status_code for a in answers} == {200}
    with engine.connect() as connection:
        assert prove(connection).issues == []


def test_who_lost_its_grant_answers_for_what_it_was_given_before(engine: Engine) -> None:
    companies(engine, 3)
    one, never = a_puller(engine), a_puller(engine, "另一家")
    one.pull()
    with write(engine) as connection:
        for puller in (one, never):
            number = puller.consumer().id
            mine = select(consumer_grant.c.id).where(consumer_grant.c.consumer_id == number)
            connection.execute(
                update(consumer_grant)
                .where(consumer_grant.c.id == connection.scalar(mine))
                .values(state="revoked")
            )
    assert one.ask("entries").status_code == 403
    assert one.say(erased(1, 3)).json["new"]
    assert never.say(erased(1, 3)).status_code == 403
    with write(engine) as connection:
        revoke(connection, one.name)
    assert one.say(taken(1, 1)).status_code == 401


def test_what_is_shared_no_more_is_answered_for_all_the_same(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    companies(engine, 3)
    one, never = a_puller(engine), a_puller(engine, "另一家")
    one.pull()

    def refuse(*_: object) -> None:  # as a newer version of the standard may say
        raise Refused(Issue("not_shared", value=one.dataset))

    monkeypatch.setattr(exchange_access, "way_of", refuse)
    assert one.ask("entries").status_code == 403
    assert one.say(erased(1, 3)).json["new"]
    assert never.say(erased(1, 3)).status_code == 403


def test_each_has_its_own_even_where_keys_are_pseudonyms(engine: Engine) -> None:
    put(engine, PENALTY, [a_penalty(1, "张三丰"), a_penalty(2, "李四")])
    one = a_puller(engine, "行业一", "industry", PENALTY)
    other = a_puller(engine, "行业二", "industry", PENALTY)
    one.pull()
    assert one.say(taken(1, 1), refused(2, 2)).json["new"]
    assert other.say(taken(1, 1)).status_code == 409
    assert other.told()["receipts"] == []


WRONG = (
    b"", b"[]", b"{}", b'{"receipts":[]}', b'{"receipts":{}}', b'{"receipts":[1]}', b"\xff",
    b'{"receipts":[{"first":1,"last":1,"state":"taken"}],"more":1}',
    *(json.dumps({"receipts": [one]}).encode() for one in (
        {"first": 0, "last": 1, "state": "taken"},
        {"first": 2, "last": 1, "state": "taken"},
        {"first": True, "last": 1, "state": "taken"},
        {"first": 1.0, "last": 1, "state": "taken"},
        {"first": "1", "last": 1, "state": "taken"},
        {"first": 1, "last": 2**63, "state": "taken"},
        {"first": 1, "last": 1, "state": "Taken"},
        {"first": 1, "last": 1, "state": ["taken"]},
        {"first": 1, "last": 1, "state": "taken", "code": "x"},
        {"first": 1, "last": 1, "state": "refused"},
        {"first": 1, "last": 1, "state": "refused", "code": "a b"},
        {"first": 1, "last": 1, "state": "refused", "code": "a", "reason": "x" * 501},
        {"first": 1, "last": 1, "state": "refused", "code": "a", "reason": "\x00"},
        {"first": 1, "last": 1 + MOST_REFUSED, "state": "refused", "code": "a"},
        {"first": 1, "last": 1, "state": "taken", "extra": 1},
    )),
)  # fmt: skip


@pytest.mark.parametrize("body", WRONG)
def test_what_is_misspelt_is_refused_with_its_place(body: bytes) -> None:
    with pytest.raises(Misdeclared) as caught:
        read_message(body)
    assert caught.value.issue.code == "receipts_wrong"
    assert caught.value.issue.field


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["receipts", "id", "first", "last", "state", "code", "x"]), inner),
).map(lambda told: json.dumps(told).encode()))  # fmt: skip
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_other_bytes_are_refused_and_nothing_else_happens(body: bytes) -> None:
    try:
        _, said = read_message(body)
    except Misdeclared:
        return
    assert said


def test_bad_requests_are_problems(engine: Engine) -> None:
    companies(engine, 1)
    one = a_puller(engine)
    one.pull()
    bad = one.ask("receipts", b"{")
    assert (bad.status_code, bad.json["code"]) == (400, "receipts_wrong")
    assert one.ask("receipts?state=lost").status_code == 400
    assert one.ask("receipts?limit=5").status_code == 400
    assert one.ask("receipts?x=1", {"receipts": [taken(1, 1)]}).status_code == 400
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(receipt_message)) == 0
