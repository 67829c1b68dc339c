"""What was erased by law is told to no province any more, and no name of it stays here."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub import people
from hub.database import write
from hub.exchange.erasure import Order, erase
from hub.ledger import entries
from hub.outbound.fake_province import running
from hub.outbound.resetting import reset
from hub.outbound.tables import target_record
from tests.exchange.outbound_site import City, a_city, a_decision, soap_way
from tests.hub.ledger_data import PENALTY


def erased(city: City, key: str) -> None:
    """All that was said of the record is erased by law."""
    with write(city.engine) as connection:
        people.grant(connection, "李主任", "market_regulation", "approver", "管理员")
    order = Order(PENALTY, "李主任", "保存期满", "个人信息保护法 第四十七条", keys=[key])
    erase(city.site, city.engine, city.catalogue, order)


def test_erased_entries_are_passed_over_and_forgotten(tmp_path: Path, database_url: str) -> None:
    city = a_city(tmp_path, database_url)
    one = a_decision(1)
    city.says([one, a_decision(2)])
    with running() as province:
        city.declare("p", soap_way(province))
        city.deliver("p")
        (key, _) = sorted(city.held(), key=lambda one: city.held()[one])
        city.says([], gone=[one])
        city.deliver("p")
        erased(city, key)
        assert city.deliver("p").error is None
        has = target_record.c
        told = dict(city.rows(target_record, has.key, has.identity))
        assert told[key] == "{}"
        reset(city.desk("p"), 0)
        done = city.deliver("p")
        assert (done.error, done.taken) == (None, 1)
        city.declare("q", soap_way(province))
        assert city.deliver("q").taken == 1
        sent = {record["CF_WSH"] for record in province.book.records.values()}
    assert sent == {"茂南市监处罚〔2026〕2号"}


def test_what_was_erased_before_its_delete_was_told_is_deleted_all_the_same(
    tmp_path: Path, database_url: str
) -> None:
    city = a_city(tmp_path, database_url)
    one = a_decision(1)
    city.says([one, a_decision(2)])
    with running() as province:
        city.declare("p", soap_way(province))
        city.deliver("p")
        (key, _) = sorted(city.held(), key=lambda one: city.held()[one])
        city.says([], gone=[one])
        erased(city, key)
        assert city.deliver("p").taken == 1
        assert [(e[2], e[3]) for e in province.book.effects] == [("I", 1), ("I", 2), ("D", 3)]
        assert len(province.book.records) == 1
    has = target_record.c
    assert dict(city.rows(target_record, has.key, has.identity))[key] == "{}"


@pytest.mark.parametrize("looked", [True, False], ids=["it waits", "nobody looked at it"])
def test_it_is_deleted_too_where_nobody_knows_whether_the_province_has_it(
    tmp_path: Path, looked: bool
) -> None:
    city = a_city(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}")
    one = a_decision(1)
    city.says([one])
    with running() as province:
        city.declare("p", soap_way(province))
        province.faults = ["strange"]
        city.deliver("p")
        city.says([], gone=[one])
        if looked:
            province.faults = ["strange"]
            city.deliver("p")
            assert city.entry_states() == {2: "waiting"}
        with city.engine.connect() as connection:
            (key,) = (entry.key for entry in entries(connection, PENALTY, 0, 1))
        erased(city, key)
        city.deliver("p")
        assert [(e[2], e[3]) for e in province.book.effects] == [("I", 1), ("D", 2)]
        assert province.book.records == {}
    assert city.entry_states() == {}
