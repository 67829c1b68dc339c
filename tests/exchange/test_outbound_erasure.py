"""What was erased by law is told to no province any more, and no name of it stays here."""

from __future__ import annotations

from pathlib import Path

from hub import people
from hub.database import write
from hub.exchange.erasure import Order, erase
from hub.outbound.fake_province import running
from hub.outbound.resetting import reset
from hub.outbound.tables import target_record
from tests.exchange.outbound_site import a_city, a_decision, soap_way
from tests.hub.ledger_data import PENALTY


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
        with write(city.engine) as connection:
            people.grant(connection, "李主任", "market_regulation", "approver", "管理员")
        erase(
            city.site,
            city.engine,
            city.catalogue,
            Order(PENALTY, "李主任", "保存期满", "个人信息保护法 第四十七条", keys=[key]),
        )
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
