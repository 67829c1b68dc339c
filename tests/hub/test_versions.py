"""Two versions of a standard at once: each consumer gets the one that it understands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.record import digest
from exchange_schemas.sample_check import read_samples
from hub import disclosures
from hub.consume import consume
from hub.consume.received import Received
from hub.database import write
from hub.exchange import entries as exchange
from hub.tables_of_review import disclosure
from tests.hub.exchange_hub import a_key, application, ask, entries_path, listening
from tests.hub.ledger_data import PENALTY, made, put
from tests.hub.test_exchange import entries, valid

OLD: dict[str, Any] = {
    "subject_name": "茂名市样例商贸有限公司", "uscc": "91440902MA0000015X", "legal_rep_name": "陈样例",
    "doc_no": "茂工商处字〔2016〕7号", "penalty_name": "销售过期食品", "facts": "货架上有过期食品。",
    "basis": "食品安全法", "penalty_kinds": ["罚款"], "result": "罚款 5000 元。", "use_scope": "0",
    "decided_on": "2016-05-06", "authority": "某地市场监督管理局", "status": "0",
}  # fmt: skip
IN_DISPUTE = {**OLD, "doc_no": "茂工商处字〔2016〕8号", "status": "2"}
NEW: dict[str, Any] = {
    "subject_name": "茂名市样例商贸有限公司", "uscc": "91440902MA0000015X", "facts": "广告有误。",
    "subject_type": "legal_or_unincorporated", "doc_no": "茂市监处罚〔2025〕9号", "status": "变更",
    "violation_type": "虚假广告", "penalty_kinds": ["警告"], "content": "警告。",
    "decided_on": "2025-05-06", "authority": "茂名市市场监督管理局", "authority_uscc_absent": True,
}  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Engine:
    engine = made(database_url)
    put(engine, PENALTY, [OLD, IN_DISPUTE], version="1")
    put(engine, PENALTY, [NEW])
    return engine


def test_without_a_version_records_come_as_they_are_kept(engine: Engine) -> None:
    found = entries(engine, PENALTY, a_key(engine))
    assert [e["standard"] for e in found] == [f"{PENALTY}@1", f"{PENALTY}@1", f"{PENALTY}@2"]
    assert [e["record"] for e in found] == [OLD, IN_DISPUTE, NEW]
    assert not any({"translated_from", "refused"} & e.keys() for e in found)


def test_a_consumer_of_the_new_version(engine: Engine) -> None:
    first, second, third = entries(engine, PENALTY, a_key(engine), "?version=2")
    assert (first["standard"], first["translated_from"]) == (f"{PENALTY}@2", "1")
    record = first["record"]
    assert (record["violation_type"], record["fine_wan"]) == ("销售过期食品", "0.5")
    assert record["subject_type"] == "legal_or_unincorporated"
    assert "source_unit" not in record  # the table of 2015 doesn't say it, so nobody does
    assert first["digest"] == digest(record).hex()
    assert (second["operation"], second["refused"]) == ("refused", ["no_counterpart:status"])
    assert second["digest"] is None and "record" not in second
    assert third["record"] == NEW and "translated_from" not in third
    for entry in (first, second, third):
        valid(entry, "Entry")


def test_a_consumer_of_the_old_version(engine: Engine) -> None:
    *kept, moved = entries(engine, PENALTY, a_key(engine), "?version=1")
    assert [e["record"] for e in kept] == [OLD, IN_DISPUTE]
    assert (moved["standard"], moved["translated_from"]) == (f"{PENALTY}@1", "2")
    assert (moved["record"]["penalty_name"], moved["record"]["status"]) == ("虚假广告", "3")


def test_industry_is_refused_without_being_told_a_value(engine: Engine) -> None:
    found = entries(engine, PENALTY, a_key(engine, "industry"), "?version=2")
    assert found[1]["refused"] == ["no_counterpart:status"]
    assert not {"cert_no", "legal_rep_cert_no"} & found[0]["record"].keys()


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("?version=7", 404, "version_unknown"), ("?version=two", 400, "parameter_wrong")],
)
def test_a_version_that_is_not_there(engine: Engine, query: str, status: int, code: str) -> None:
    response = ask(engine, entries_path(PENALTY, query), a_key(engine))
    assert (response.status_code, response.json["code"]) == (status, code)
    valid(response.json, "Problem")


def test_a_version_whose_transition_has_ended() -> None:
    catalogue = load_catalogue()
    until = catalogue.get(PENALTY).version_days["1"][1]
    assert until is not None
    exchange.check_version(catalogue, PENALTY, "1", until)
    with pytest.raises(Misdeclared) as caught:
        exchange.check_version(catalogue, PENALTY, "1", until.replace(year=until.year + 1))
    assert caught.value.issue.code == "version_ended"
    exchange.check_version(catalogue, PENALTY, "2", today())


def test_the_reference_consumer_keeps_versions_apart(engine: Engine, tmp_path: Path) -> None:
    key = a_key(engine)
    with listening(application(engine)) as url:
        told = consume(url, PENALTY, tmp_path, key, version="2")
        assert (told["entries"], told["refused"]) == (3, 1)
        assert consume(url, PENALTY, tmp_path, key, version="2")["entries"] == 0
        assert consume(url, PENALTY, tmp_path, key) == {
            "dataset": PENALTY, "entries": 3, "last": 3, "head": 3,
            "receipts": 1, "receipts_waiting": 0,
        }  # fmt: skip
    current = Received(tmp_path / f"{PENALTY}@2").current().read_text("utf-8").splitlines()
    assert [json.loads(line)["seq"] for line in current] == [1, 3]


def test_records_of_both_versions_are_reviewed_in_the_current_one(engine: Engine) -> None:
    catalogue: Catalogue = load_catalogue()
    assert disclosures.refresh(engine, catalogue) == {PENALTY: 1}
    with write(engine) as connection:
        rows = connection.execute(select(disclosure).order_by(disclosure.c.seq)).mappings().all()
    assert [(r["seq"], r["state"]) for r in rows] == [
        (1, "pending"), (2, "blocked"), (3, "refused"),
    ]  # fmt: skip
    assert rows[1]["why"] == "1 → 2"
    assert rows[2]["why"].startswith("penalty-warning-only@")


def test_a_record_that_the_industry_may_not_have_is_a_delete_for_it(database_url: str) -> None:
    engine = made(database_url)
    name = "unfair_competition_list"
    folder = load_catalogue().folder(name)
    records = [record for record, _ in read_samples(folder / "samples" / "valid.jsonl")]
    put(engine, name, records)
    told = {
        audience: entries(engine, name, a_key(engine, audience, (name,)))
        for audience in ("government", "industry")
    }
    assert [e["operation"] for e in told["government"]] == ["upsert"] * len(records)
    for record, entry in zip(records, told["industry"], strict=True):
        serious = record["level"] == "严重"
        assert entry["operation"] == ("upsert" if serious else "delete")
        assert ("record" in entry) is serious
        valid(entry, "Entry")
