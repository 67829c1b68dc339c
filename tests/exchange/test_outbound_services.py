"""Delivery to the services of a province: SOAP and JSON, and what goes wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from exchange_schemas.errors import Refused
from hub.database import write
from hub.exchange.receipts import ranges
from hub.ledger import dataset_id
from hub.outbound.desk import space_of, state_of
from hub.outbound.fake_book import Book
from hub.outbound.fake_province import Province, running
from hub.outbound.identifiers import flow
from hub.outbound.resetting import reset, retry_refused
from hub.outbound.still_held import confirm, issues, still_held
from hub.outbound.target import find_target
from hub.tables_of_review import decision, disclosure, holder_notice
from tests.exchange.outbound_site import (
    City,
    a_city,
    a_decision,
    a_mans_decision,
    json_way,
    soap_way,
)
from tests.hub.ledger_data import PENALTY

WAYS = {"soap": soap_way, "json": json_way}


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> City:
    return a_city(tmp_path, database_url)


@pytest.fixture
def town(tmp_path: Path) -> City:
    """A city on SQLite alone, for what doesn't depend on the database."""
    return a_city(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}")


@pytest.fixture
def province() -> Iterator[Province]:
    with running() as one:
        yield one


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def said(city: City, name: str) -> list[tuple[int, int, str]]:
    desk = city.desk(name)
    with city.engine.connect() as connection:
        found = ranges(connection, desk.consumer.id, desk.view.id, 1, 10_000)
    return [(one.first, one.last, one.state) for one in found]


def test_records_arrive_as_the_province_writes_them(
    town: City, province: Province, way: str
) -> None:
    city = town
    city.says([a_decision(1), a_mans_decision(2, fine_wan="0.020000")])
    city.declare("p", WAYS[way](province))
    done = city.deliver("p")
    assert (done.taken, done.refused, done.held, done.error) == (2, 0, 0, None)
    rows = {row["CF_WSH"]: row for row in province.book.records.values()}
    company, man = rows["茂南市监处罚〔2026〕1号"], rows["茂南市监处罚〔2026〕2号"]
    assert company["CF_XDR_LB"] == "法人及非法人组织"
    assert company["CF_JDRQ"] == "2026/05/11"
    assert company["CF_XDR_SHXYM"] == "91440902MA0000001X"
    assert man["CF_XDR_LB"] == "自然人"
    assert man["CF_NR_FK"] == "0.02"
    assert man["CF_XDR_ZJHM"] == "440981199001010013"
    assert "CF_XDR_SHXYM" not in man
    assert [effect[2] for effect in province.book.effects] == ["I", "I"]
    assert said(city, "p") == [(1, 2, "taken")]


def test_changes_and_deletes_follow_in_their_order(
    city: City, province: Province, way: str
) -> None:
    one = a_decision(1)
    city.says([one, a_decision(2)])
    city.declare("p", WAYS[way](province))
    city.deliver("p")
    city.says([{**one, "content": "罚款 6000 元。"}])
    city.says([], gone=[one])
    city.says([one])
    done = city.deliver("p")
    assert (done.taken, done.error) == (3, None)
    item = province.book.effects[0][1]
    assert [e[2] for e in province.book.effects if e[1] == item] == ["I", "U", "D", "I"]
    assert [e[3] for e in province.book.effects if e[1] == item] == [1, 3, 4, 5]
    assert len(province.book.records) == 2
    assert said(city, "p") == [(1, 5, "taken")]
    assert city.entry_states() == {}


def test_a_flow_is_the_same_for_ever(town: City, province: Province) -> None:
    city = town
    city.says([a_decision(1)])
    city.declare("p", soap_way(province))
    city.deliver("p")
    with city.engine.connect() as connection:
        state = state_of(connection, "p")
    assert state is not None
    assert province.book.effects[0][0] == flow(space_of(state), 1)


def test_what_cannot_be_written_is_held_back_alone(
    town: City, province: Province, way: str
) -> None:
    city = town
    wrong = a_decision(2, facts=None)
    city.says([a_decision(1), wrong, a_decision(3)])
    city.declare("p", WAYS[way](province))
    done = city.deliver("p")
    assert (done.taken, done.held, done.error) == (2, 1, None)
    assert city.entry_states() == {2: "quarantined"}
    city.says([a_decision(2)])
    assert city.deliver("p").taken == 1
    assert city.entry_states() == {}
    assert said(city, "p") == [(1, 1, "taken"), (3, 4, "taken")]


def test_a_corrected_mapping_writes_what_was_held_back(town: City, province: Province) -> None:
    city = town
    city.says([a_decision(1, facts=None)])
    city.declare("p", soap_way(province))
    assert city.deliver("p").held == 1
    assert city.deliver("p").held == 0, "the same mapping isn't tried again"
    city.declare("p", soap_way(province), fields={"CF_SY": {"value": "见处罚决定书"}})
    assert city.deliver("p").taken == 1
    assert city.entry_states() == {}


def test_a_refusal_is_a_receipt_and_stops_nobody(town: City, province: Province, way: str) -> None:
    city = town
    province.book.rejects = {"〔2026〕2号": "文号重复"}
    city.says([a_decision(1), a_decision(2), a_decision(3)])
    city.declare("p", WAYS[way](province))
    done = city.deliver("p")
    assert (done.taken, done.refused, done.error) == (2, 1, None)
    assert city.entry_states() == {2: "refused"}
    assert said(city, "p") == [(1, 1, "taken"), (2, 2, "refused"), (3, 3, "taken")]
    province.book.rejects = {}
    city.says([a_decision(2, content="罚款 1 元。")])
    city.deliver("p")
    assert city.entry_states() == {}


@pytest.mark.parametrize("position", range(6))
def test_a_session_that_ends_anywhere_loses_and_repeats_nothing(
    town: City, province: Province, position: int
) -> None:
    city = town
    city.says([a_decision(number) for number in range(6)])
    city.declare("p", soap_way(province))
    province.faults = [""] * position + ["expire"]
    done = city.deliver("p")
    assert (done.taken, done.error) == (6, None)
    assert [effect[3] for effect in province.book.effects] == [1, 2, 3, 4, 5, 6]
    assert (province.logins, province.calls, province.book.repeats) == (2, 7, 0)


def test_sessions_may_last_for_one_message_only(town: City, province: Province) -> None:
    city = town
    province.lasts = 1
    city.says([a_decision(number) for number in range(4)])
    city.declare("p", soap_way(province))
    assert city.deliver("p").taken == 4
    assert province.logins == 4


def test_a_wrong_password_is_told_and_not_tried_for_ever(
    town: City, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = town
    city.says([a_decision(1)])
    city.declare("p", soap_way(province))
    monkeypatch.setenv("PROVINCE_PASSWORD", "wrong-4711")
    done = city.deliver("p")
    assert done.error is not None
    assert done.error.issue.code == "target_denied"
    assert "4711" not in done.error.issue.message("en")
    assert city.delivery_states() == ["unknown"]
    monkeypatch.undo()


@pytest.mark.parametrize("fault", ["lost", "busy", "error", "slow", "strange", "half"])
def test_whatever_goes_wrong_each_effect_happens_once(
    town: City, province: Province, way: str, fault: str
) -> None:
    city = town
    province.slow_seconds = 2.5
    city.says([a_decision(number) for number in range(5)])
    city.declare("p", WAYS[way](province), batch=3)
    province.faults = ["", fault]
    for _ in range(3):
        city.deliver("p")
    assert sorted(effect[3] for effect in province.book.effects) == [1, 2, 3, 4, 5]
    assert set(city.delivery_states()) == {"answered"}
    assert said(city, "p") == [(1, 5, "taken")]


def test_a_record_whose_entry_has_no_answer_blocks_its_later_ones_only(
    city: City, province: Province
) -> None:
    one = a_decision(1)
    city.says([one])
    city.declare("p", soap_way(province))
    province.faults = ["strange"]
    city.deliver("p")
    city.says([{**one, "content": "罚款 6000 元。"}, a_decision(2)])
    province.faults = ["strange"]
    done = city.deliver("p")
    assert done.taken == 1, "the other record went on"
    assert city.entry_states() == {2: "waiting"}
    assert city.deliver("p").taken == 2
    assert [e[3] for e in province.book.effects if e[1] == province.book.effects[0][1]] == [1, 2]


def test_a_province_that_is_away_is_asked_later(town: City) -> None:
    city = town
    with running() as province:
        city.declare("p", json_way(province))
    city.says([a_decision(1)])
    done = city.deliver("p")
    assert done.error is not None
    assert done.error.issue.code == "target_away"
    with city.engine.connect() as connection:
        state = state_of(connection, "p")
    assert state is not None
    assert (state["failures"], state["failure"]) == (1, "target_away")
    assert state["not_before"] is not None


def test_a_withdrawn_record_is_an_alarm_until_the_province_confirms(
    city: City, province: Province
) -> None:
    one = a_decision(1)
    city.says([one])
    city.declare("p", soap_way(province), alarm_after_hours=1)
    city.deliver("p")
    province.book.rejects = {"D": "已被引用，不能删除"}
    city.says([], gone=[one])
    assert city.deliver("p").refused == 1
    desk = city.desk("p")
    later = datetime.now(UTC) + timedelta(hours=2)
    with city.engine.connect() as connection:
        (held,) = still_held(connection, desk.target)
        assert (held.seq, held.why) == (2, "refused")
        assert list(issues(connection, desk.target)) == []
        (alarm,) = issues(connection, desk.target, later)
    assert alarm.code == "target_still_held"
    province.book.rejects = {}
    assert retry_refused(desk) == 1
    assert city.deliver("p").taken == 1
    with city.engine.connect() as connection:
        assert still_held(connection, desk.target) == []
    assert province.book.records == {}


def test_a_delete_is_an_alarm_before_it_can_be_sent(town: City, province: Province) -> None:
    one = a_decision(1)
    town.says([one])
    town.declare("p", soap_way(province))
    town.deliver("p")
    target = find_target(town.site.targets, "p")

    def why() -> list[str]:
        with town.engine.connect() as connection:
            return [held.why for held in still_held(connection, target)]

    province.faults = ["strange"] * 3
    town.says([{**one, "content": "罚款 1 元。"}])
    town.deliver("p")
    town.says([], gone=[one])
    assert why() == ["waiting"], "nobody looked at it yet"
    town.deliver("p")
    assert town.entry_states() == {3: "waiting"}
    assert why() == ["waiting"], "the entry before has no answer"
    town.says([{**one, "content": "罚款 2 元。"}])
    town.deliver("p")
    province.faults = []
    town.deliver("p")
    assert why() == []
    assert len(province.book.records) == 1


def test_a_batch_is_signed_and_keeps_its_idempotency_key(town: City, province: Province) -> None:
    city = town
    city.says([a_decision(1)])
    city.declare("p", json_way(province))
    province.faults = ["lost"]
    city.deliver("p")
    city.deliver("p")
    first, second = province.headers
    assert first["Idempotency-Key"] == second["Idempotency-Key"]
    assert first["Content-Digest"] == second["Content-Digest"]
    assert "tag=" in first["Signature-Input"]
    assert first["Signature-Input"] != second["Signature-Input"], "each try is signed anew"
    told = json.loads(province.bodies[0])
    assert told["table"] == "double_publicity_penalty_v2"
    assert told["entries"][0]["fields"]["CF_NR_FK"] == "0.5"


def test_setting_back_never_brings_an_older_entry_behind_a_newer(
    town: City, province: Province
) -> None:
    one = a_decision(1)
    town.declare("p", soap_way(province))
    town.says([one])
    town.deliver("p")
    province.book.rejects = {"第二版": "不合格"}
    town.says([{**one, "content": "第二版"}])
    assert town.deliver("p").refused == 1
    province.book.rejects = {}
    town.says([{**one, "content": "第三版"}])
    town.says([a_decision(2)])
    town.says([], gone=[a_decision(2)])
    town.deliver("p")
    desk = town.desk("p")
    reset(desk, 0)
    done = town.deliver("p")
    assert (done.error, done.refused) == (None, 0)
    assert [e[3] for e in province.book.effects] == [1, 3, 4, 5]
    (record,) = province.book.records.values()
    assert record["CF_NR"] == "第三版"


def test_setting_back_anew_delivers_all_of_it_again(town: City, province: Province) -> None:
    town.declare("p", soap_way(province))
    town.says([a_decision(1), a_decision(2)])
    town.deliver("p")
    province.book = Book()
    reset(town.desk("p"), 0, anew=True, empty=True)
    assert town.deliver("p").taken == 2
    assert [(e[2], e[3]) for e in province.book.effects] == [("I", 1), ("I", 2)]
    with pytest.raises(Refused, match="3"):
        reset(town.desk("p"), 3)


def test_a_record_withdrawn_from_publication_is_an_alarm_until_it_is_confirmed(
    town: City, province: Province
) -> None:
    town.says([a_decision(1)])
    town.declare("p", soap_way(province), alarm_after_hours=1)
    town.deliver("p")
    (key,) = town.held()
    with write(town.engine) as connection:
        number = dataset_id(connection, PENALTY)
        told = {
            "dataset_id": number, "act": "repair", "actor": "李主任", "reason_code": "repair_granted",
            "legal_basis": "信用修复管理办法", "rule": "-", "records": 1, "after_move": 0,
            "decided_at": "2026-06-01T00:00:00.000Z",
        }  # fmt: skip
        made = connection.scalar(insert(decision).values(told).returning(decision.c.id))
        about = {"dataset_id": number, "record_id": "abcdefgh", "seq": 1, "decision_id": made}
        shown = {"key": key, "department": "market_regulation", "view_digest": bytes(32)}
        connection.execute(insert(disclosure).values(**about, **shown, state="pending"))
        connection.execute(insert(holder_notice).values(**about, consumer_id=1))
    target = find_target(town.site.targets, "p")
    with write(town.engine) as connection:
        (held,) = still_held(connection, target)
        assert held.why == "withdrawn"
        assert [one.code for one in issues(connection, target)] == ["target_still_held"]
        assert confirm(connection, target, "abcdefgh") == 1
        assert confirm(connection, target, "abcdefgh") == 0
        assert still_held(connection, target) == []
