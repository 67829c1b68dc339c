"""What the province returns: a ledger of its own, and tasks; never a record changed silently."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared, Refused
from hub import people
from hub.database import connect, create_tables, write
from hub.exchange.erasure import Order, erase
from hub.instant import utc_now
from hub.ledger import dataset_id, entries
from hub.outbound.return_tasks import close, listing
from hub.outbound.returns import DATASET, behind, follow
from hub.site import create_site
from hub.tables import feed as feed_table
from hub.tables_of_filings import filing
from hub.tables_of_review import disclosure
from hub.tables_of_runs import notice
from tests.exchange.outbound_site import a_decision
from tests.hub.ledger_data import PENALTY, put

CATALOGUE = load_catalogue()


@pytest.fixture
def engine(database_url: str) -> Engine:
    made = connect(database_url)
    create_tables(made)
    return made


def a_return(number: int, **more: Any) -> dict[str, Any]:
    return {
        "return_no": f"GD{number:06d}", "kind": "correction", "dataset": PENALTY,
        "doc_no": "茂南市监处罚〔2026〕1号", "fields": ["CF_NR", "fine_wan"],
        "values": ["罚款 6000 元。", "0.6"], "decision": "更正", "decided_on": "2026-06-01", **more,
    }  # fmt: skip


def a_repair(number: int, **more: Any) -> dict[str, Any]:
    told = a_return(
        number, kind="repair_result", decision="准予修复", document="粤信修〔2026〕1号"
    )
    return {**{n: v for n, v in told.items() if n not in ("fields", "values")}, **more}


def followed(engine: Engine) -> list[dict[str, Any]]:
    with write(engine) as connection:
        while behind(connection):
            follow(connection, CATALOGUE)
    with engine.connect() as connection:
        return listing(connection)


def disclosed(engine: Engine, key: str, record_id: str) -> None:
    with write(engine) as connection:
        connection.execute(insert(disclosure).values(
            dataset_id=dataset_id(connection, PENALTY), key=key, record_id=record_id,
            department="market_regulation", seq=1, view_digest=bytes(32), state="pending",
            decision_id=0,
        ))  # fmt: skip


def key_of(engine: Engine, place: int = 0) -> str:
    with engine.connect() as connection:
        return entries(connection, PENALTY, 0, 100)[place].key


def test_a_correction_is_a_task_of_the_owner_and_changes_nothing(engine: Engine) -> None:
    put(engine, PENALTY, [a_decision(1), a_decision(2)])
    disclosed(engine, key_of(engine), "abcdefgh")
    put(engine, DATASET, [a_return(1)])
    (task,) = followed(engine)
    assert task["corrections"] == {"content": "罚款 6000 元。", "fine_wan": "0.6"}
    assert (task["record_id"], task["department"]) == ("abcdefgh", "market_regulation")
    assert task["state"] == "open"
    with engine.connect() as connection:
        assert len(entries(connection, PENALTY, 0, 100)) == 2
        codes = list(connection.scalars(select(notice.c.code)))
    assert codes == ["return_opened"]
    assert len(followed(engine)) == 1, "each is followed once"


def test_a_repair_result_goes_into_the_open_application(engine: Engine) -> None:
    put(engine, PENALTY, [a_decision(1)])
    disclosed(engine, key_of(engine), "abcdefgh")
    with write(engine) as connection:
        connection.execute(insert(filing).values(
            number="X1", kind="repair", dataset_id=dataset_id(connection, PENALTY),
            record_id="abcdefgh", state="received", content_sha256="0" * 64, party_name="某公司",
            statement="已缴清", evidence="[]", filed_at=utc_now(), filed_on="2026-06-01",
            received_at=utc_now(),
        ))  # fmt: skip
    put(engine, DATASET, [a_repair(1)])
    (task,) = followed(engine)
    assert (task["state"], task["filing"]) == ("case", "X1")
    with engine.connect() as connection:
        findings = json.loads(connection.execute(select(filing.c.findings)).scalar_one())
        state = connection.execute(select(filing.c.state)).scalar_one()
    assert findings["province"]["decision"] == "准予修复"
    assert state == "received", "people decide on it"


def test_without_an_application_it_is_a_task_for_the_handler(engine: Engine) -> None:
    put(engine, PENALTY, [a_decision(1)])
    put(engine, DATASET, [a_repair(1)])
    (task,) = followed(engine)
    assert (task["state"], task["kind"], task["filing"]) == ("open", "repair_result", None)
    with write(engine) as connection:
        with pytest.raises(Refused):
            close(connection, task["id"], "李主任", "已撤下")
        people.grant(connection, "李主任", "market_regulation", "handler", "管理员")
        close(connection, task["id"], "李主任", "已撤下")
        with pytest.raises(Refused):
            close(connection, task["id"], "李主任", "已撤下")
        with pytest.raises(Misdeclared):
            close(connection, 99, "李主任", "已撤下")
    assert followed(engine) == []


def test_several_parties_of_one_document_are_told_apart(engine: Engine) -> None:
    one, other = a_decision(1), a_decision(1, uscc="91440902MA0000099X", subject_name="另一公司")
    put(engine, PENALTY, [one, other])
    put(engine, DATASET, [a_return(1), a_return(2, uscc="91440902MA0000099X")])
    unknown, known = followed(engine)
    assert unknown["record_key"] is None
    assert known["record_key"] == key_of(engine, 1)


def test_a_return_that_comes_again_or_is_taken_back_ends_what_was_open(engine: Engine) -> None:
    put(engine, PENALTY, [a_decision(1)])
    put(engine, DATASET, [a_return(1)])
    followed(engine)
    put(engine, DATASET, [a_return(1, values=["罚款 7000 元。", "0.7"])])
    (task,) = followed(engine)
    assert task["corrections"]["fine_wan"] == "0.7"
    put(engine, DATASET, [], gone=[a_return(1, values=["罚款 7000 元。", "0.7"])])
    assert followed(engine) == []


def test_of_a_return_that_came_and_went_between_two_looks_nothing_is_open(engine: Engine) -> None:
    put(engine, PENALTY, [a_decision(1)])
    put(engine, DATASET, [a_return(1), a_return(2)])
    put(engine, DATASET, [a_return(2, values=["罚款 7000 元。", "0.7"])])
    put(engine, DATASET, [], gone=[a_return(1)])
    (task,) = followed(engine)
    assert (task["return_id"], task["corrections"]["fine_wan"]) == ("GD000002", "0.7")


def test_values_that_nobody_can_tell_apart_stay_together(engine: Engine) -> None:
    put(engine, DATASET, [a_return(1, values=["罚款", "没收", "0.6"])])
    (task,) = followed(engine)
    assert task["corrections"] == {"content;fine_wan": "罚款;没收;0.6"}


def test_a_return_that_was_erased_stops_nothing(engine: Engine, tmp_path: Path) -> None:
    put(engine, DATASET, [a_return(1), a_return(2)])
    put(engine, DATASET, [], gone=[a_return(1)])
    with write(engine) as connection:
        people.grant(connection, "李主任", "government_services_data", "approver", "管理员")
    order = Order(
        DATASET, "李主任", "保存期满", "个人信息保护法 第四十七条", keys=[key_of_return(engine)]
    )
    erase(create_site(tmp_path / "site"), engine, CATALOGUE, order)
    assert [task["return_id"] for task in followed(engine)] == ["GD000002"]


def key_of_return(engine: Engine) -> str:
    with engine.connect() as connection:
        return entries(connection, DATASET, 0, 1)[0].key


def test_what_is_of_no_record_of_ours_is_a_task_all_the_same(engine: Engine) -> None:
    put(engine, DATASET, [a_return(1, doc_no="无〔2026〕9号"), a_return(2, dataset="other")])
    assert [task["record_key"] for task in followed(engine)] == [None, None]
    with engine.connect() as connection:
        assert connection.scalar(select(feed_table.c.name)) == "f"


def test_the_shipped_samples_can_be_followed(engine: Engine) -> None:
    path = files("exchange_schemas").joinpath(
        "standards/government_services_data/provincial_return/samples/valid.jsonl"
    )
    said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    put(engine, DATASET, said)
    assert len(followed(engine)) == len(said)
    assert Path(str(path)).is_file()
