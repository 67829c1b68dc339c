"""The log of exchanges: every row is kept before anything is handed over, and commits are shared."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import SQLAlchemyError

from hub.exchange.logbook import Logbook
from hub.tables import dataset, exchange_log
from tests.hub.exchange_hub import a_key
from tests.hub.ledger_data import MARKET, PENALTY, made


@pytest.fixture
def engine(database_url: str) -> Engine:
    engine = made(database_url)
    a_key(engine)
    return engine


def row(number: int) -> dict[str, Any]:
    return {"consumer_id": 1, "after_seq": number, "last_seq": number + 1, "entries": 1,
            "view_id": None, "grant_id": None, "purpose": None, "kind": "page"}  # fmt: skip


def test_each_row_is_there_when_it_was_kept(engine: Engine) -> None:
    logbook, commits = Logbook(engine), []
    event.listen(engine, "before_cursor_execute", lambda *told: commits.append(told[2]))
    together = threading.Barrier(40)

    def keep(number: int) -> None:
        together.wait()
        logbook.keep(MARKET if number % 2 else PENALTY, row(number))
        with engine.connect() as connection:
            mine = exchange_log.c.after_seq == number
            assert connection.scalar(select(exchange_log.c.id).where(mine)) is not None

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(keep, range(40)))
    with engine.connect() as connection:
        kept = connection.execute(
            select(exchange_log.c.after_seq, dataset.c.name)
            .join(dataset, dataset.c.id == exchange_log.c.dataset_id)
            .order_by(exchange_log.c.after_seq)
        ).all()
    assert [tuple(one) for one in kept] == [
        (number, MARKET if number % 2 else PENALTY) for number in range(40)
    ]
    inserts = sum("INSERT INTO exchange_log" in one for one in commits)
    assert inserts < 40  # some went together


def test_what_cannot_be_kept_is_an_error_for_each(engine: Engine) -> None:
    logbook = Logbook(engine)
    together = threading.Barrier(10)

    def keep(number: int) -> Exception | None:
        together.wait()
        try:
            logbook.keep(MARKET, {**row(number), "consumer_id": None})
        except SQLAlchemyError as error:
            return error
        return None

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(keep, range(10)))
    assert all(isinstance(one, SQLAlchemyError) for one in found)
    logbook.keep(MARKET, row(99))  # and the next one is kept
    with engine.connect() as connection:
        assert list(connection.scalars(select(exchange_log.c.after_seq))) == [99]


def test_a_failure_of_the_writer_itself_is_no_silence(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise KeyError("x")

    logbook = Logbook(engine)
    with monkeypatch.context() as patched:
        patched.setattr("hub.exchange.logbook.dataset_id", broken)
        with pytest.raises(KeyError):
            logbook.keep(MARKET, row(1))
    logbook.keep(MARKET, row(2))
    with engine.connect() as connection:
        assert list(connection.scalars(select(exchange_log.c.after_seq))) == [2]
