"""Receipts and the law: what is erased leaves refusals too, and the public stream has its own numbers."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, insert, select, update

from hub.database import write
from hub.exchange import receipts, refusal_answers
from hub.exchange.erasure import Order, erase
from hub.exchange.erasure_answers import erasures
from hub.exchange.possession import find, holders
from hub.exchange.receipt_erasing import forget_reasons
from hub.exchange.receipt_proof import prove
from hub.exchange.receipt_ranges import Range
from hub.exchange.tables import exchange_published
from hub.exchange.tables_of_receipts import (
    REFUSALS,
    receipt,
    receipt_message,
    receipt_range,
    refusal,
)
from hub.exchange.views import view_for
from hub.tables import exchange_log
from tests.exchange.access_hub import a_signing_key, ask_signed
from tests.exchange.receipt_hub import (
    CATALOGUE,
    Puller,
    a_puller,
    companies,
    erased,
    refused,
    taken,
)
from tests.exchange.streaming import AGrant
from tests.hub.exchange_hub import application, site_of
from tests.hub.ledger_data import MARKET, a_company, made, put
from tests.reviewing import appoint

CANARY = "金丝雀"


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def everything_kept(engine: Engine) -> str:
    with engine.connect() as connection:
        return str([
            connection.execute(select(table)).all()
            for table in (receipt_message, receipt, receipt_range, refusal)
        ])  # fmt: skip


def test_reasons_and_keys_go_with_what_they_are_about(engine: Engine) -> None:
    appoint(engine, "li")
    companies(engine, 4)
    put(engine, MARKET, [], gone=[a_company(2)])
    one, other = a_puller(engine), a_puller(engine, "市民政局")
    other.pull(limit=1)
    one.pull()
    key = a_signing_key(engine, one.consumer(), "ed25519")
    said = [
        taken(1, 1),
        refused(2, 2, "name.wrong", CANARY),
        refused(3, 3, "x", "留下"),
        taken(4, 5),
    ]
    body = json.dumps({"receipts": said}).encode()
    path = f"/exchange/v1/datasets/{MARKET}/receipts"
    assert ask_signed(application(engine), key, path, "POST", body).status_code == 200
    assert CANARY in everything_kept(engine)
    order = Order(
        MARKET, "li", "本人请求", "个人信息保护法 第四十七条", keys=[a_company(2)["uscc"]]
    )
    erase(site_of(engine), engine, CATALOGUE, order)
    kept = everything_kept(engine)
    assert CANARY not in kept and a_company(2)["uscc"] not in kept and "留下" in kept
    with engine.connect() as connection:
        found = refusal_answers.listing(connection, CATALOGUE, None, REFUSALS)
        assert found[0]["key"].startswith("erased:") and found[0]["reason"] is None
        assert [issue.code for issue in prove(connection).issues] == ["receipt_key_gone"]
        (told,) = erasures(connection, [MARKET])
        assert [(h["consumer"], h["given"], h["confirmed"]) for h in told["holders"]] == [
            (one.name, 2, 0)
        ]
    one.say(erased(2, 2), erased(5, 5))
    with engine.connect() as connection:
        (told,) = erasures(connection, [MARKET])
        assert told["holders"][0]["confirmed"] == told["entries"] == 2
        record = find(connection, MARKET, seq=2)
        assert record is not None
        (holder,) = holders(connection, record)
        assert holder["has"] == "erased"


def test_a_receipt_beside_an_erasure_brings_no_reason_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    appoint(engine, "li")
    companies(engine, 3)
    put(engine, MARKET, [], gone=[a_company(2)])
    one = a_puller(engine)
    one.pull()
    one.say(refused(2, 3, "x", CANARY))
    consumer, view, pool = one.consumer(), one.view(), ThreadPoolExecutor(1)
    coming = list[Future[receipts.Recorded]]()

    def say() -> receipts.Recorded:
        with write(engine) as connection:
            return receipts.record(connection, consumer, view, [Range(3, 3, "taken")])

    def forget(connection: Connection, number: int, seqs: Sequence[int]) -> int:
        coming.append(pool.submit(say))
        time.sleep(0.5)  # it reads what it may, before anything is taken out
        return forget_reasons(connection, number, seqs)

    monkeypatch.setattr("hub.exchange.erasure.forget_reasons", forget)
    words = ("本人请求", "个人信息保护法 第四十七条")
    order = Order(MARKET, "li", *words, keys=[a_company(2)["uscc"]])
    erase(site_of(engine), engine, CATALOGUE, order)
    with pool:
        assert coming[0].result(timeout=20).message is not None
    assert CANARY not in everything_kept(engine)
    assert one.ranges() == [(2, 2, "refused"), (3, 3, "taken")]
    with engine.connect() as connection:
        assert prove(connection).issues == []


def a_public(engine: Engine, one: Puller) -> receipts.Streamed:
    """The public stream, of which one record has entry 3 and then 8."""
    with write(engine) as connection:
        view = view_for(connection, CATALOGUE, one.consumer(), AGrant(audience="public"))
        row = {"consumer_id": one.consumer().id, "dataset_id": 1, "after_seq": 0, "entries": 9}
        row |= {"last_seq": 9, "at": "2026-01-01T00:00:00.000Z", "view_id": view.id}
        connection.execute(insert(exchange_log).values(row))
        record = {"view_id": view.id, "record_id": "0123456789abcdef", "commitment": bytes(32)}
        connection.execute(insert(exchange_published).values({**record, "seq": 3}))
    return view


def test_the_public_stream_has_numbers_and_keys_of_its_own(engine: Engine) -> None:
    companies(engine, 12)
    one = a_puller(engine)
    view = a_public(engine, one)

    def say(*said: Range) -> None:
        with write(engine) as connection:
            receipts.record(connection, one.consumer(), view, said)

    def states() -> list[tuple[int, str | None, str]]:
        with engine.connect() as connection:
            found = refusal_answers.listing(connection, CATALOGUE, None, REFUSALS)
        return [(f["seq"], f["key"], f["state"]) for f in found]

    say(Range(3, 4, "refused", "x"))
    assert states() == [(3, "0123456789abcdef", "open"), (4, None, "open")]
    with write(engine) as connection:
        connection.execute(update(exchange_published).values(seq=8))
    say(Range(8, 8, "taken"))
    assert states() == [(3, "0123456789abcdef", "settled"), (4, None, "open")]
    assert one.told()["receipts"] == []  # of its own stream it has said nothing
