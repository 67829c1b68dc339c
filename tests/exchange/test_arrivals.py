"""Waiting for new entries: woken at once, never missed, never in the way of others."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event, insert, select, update

from hub.database import write
from hub.exchange.arrivals import MOST, MOST_OF_ONE, TICK, Arrivals
from hub.tables import dataset
from hub.web.listener import AT_WORK, Listener
from hub.web.turns import Turns, resting
from tests.hub.ledger_data import MARKET, PENALTY, made

CLOSE = 0.6  # seconds within which a waiting thread of a busy machine is awake


@pytest.fixture
def engine(database_url: str) -> Engine:
    engine = made(database_url)
    with write(engine) as connection:
        connection.execute(insert(dataset), [{"name": n, "seq": 0} for n in (MARKET, PENALTY)])
    return engine


def grow(engine: Engine, name: str, seq: int) -> None:
    with write(engine) as connection:
        connection.execute(update(dataset).where(dataset.c.name == name).values(seq=seq))


def seen(engine: Engine, name: str) -> Any:
    with engine.connect() as connection:
        mine = dataset.c.name == name
        row = connection.execute(select(dataset).where(mine)).one()
    return row.seq, row.published_release, row.published_move


def waited(engine: Engine, arrivals: Arrivals, name: str, seconds: float, who: int = 1) -> float:
    """How long a wait took; negative where nothing came."""
    with arrivals.place(who) as granted:
        assert granted
        begun = time.monotonic()
        moved = arrivals.wait(name, seen(engine, name), begun + seconds)
        took = time.monotonic() - begun
    return took if moved else -took


def test_a_waiting_one_is_woken_by_its_dataset_alone(engine: Engine) -> None:
    arrivals = Arrivals(engine)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(waited, engine, arrivals, MARKET, 20)
        other = pool.submit(waited, engine, arrivals, PENALTY, 3 * CLOSE)
        time.sleep(CLOSE)
        grow(engine, MARKET, 1)
        assert CLOSE - TICK < one.result() < 2 * CLOSE
        assert other.result() <= -3 * CLOSE


def test_what_came_before_the_wait_is_not_missed(engine: Engine) -> None:
    arrivals = Arrivals(engine)
    before = seen(engine, MARKET)
    grow(engine, MARKET, 1)
    with arrivals.place(1):
        assert arrivals.wait(MARKET, before, time.monotonic() + 20)


def test_a_hundred_wait_with_one_query_a_tick(engine: Engine) -> None:
    arrivals, queries = Arrivals(engine), []
    with ThreadPoolExecutor(100) as pool:
        found = [
            pool.submit(waited, engine, arrivals, MARKET, 30, number // 10)
            for number in range(100)
        ]
        while arrivals._waiting.total() < 100:
            time.sleep(0.01)
        time.sleep(0.3)
        event.listen(engine, "before_cursor_execute", lambda *told: queries.append(told[2]))
        time.sleep(1)
        assert len(queries) <= 1.5 / TICK
        grow(engine, MARKET, 5)
        assert all(one.result() > 0 for one in found)
    time.sleep(3 * TICK)
    count = len(queries)
    time.sleep(3 * TICK)
    assert len(queries) == count  # nobody waits, so nobody looks


def test_there_are_only_so_many_places(engine: Engine) -> None:
    arrivals = Arrivals(engine)
    with arrivals.place(1) as granted:
        assert granted
        held = [arrivals.place(1) for _ in range(MOST_OF_ONE)]
        assert [one.__enter__() for one in held] == [True] * (MOST_OF_ONE - 1) + [False]
        others = [arrivals.place(2 + n // MOST_OF_ONE) for n in range(MOST)]
        assert sum(one.__enter__() for one in others) == MOST - MOST_OF_ONE
        for one in [*held, *others]:
            one.__exit__(None, None, None)
    with arrivals.place(1) as granted:
        assert granted


def test_closing_wakes_everybody_and_lets_nobody_wait(engine: Engine) -> None:
    arrivals = Arrivals(engine)
    with ThreadPoolExecutor(5) as pool:
        found = [pool.submit(waited, engine, arrivals, MARKET, 30) for _ in range(5)]
        time.sleep(0.3)
        arrivals.close()
        assert all(-CLOSE - 0.3 < one.result(timeout=5) < 0 for one in found)
    with arrivals.place(1) as granted:
        assert not granted


def test_a_database_that_is_away_for_a_while_ends_no_wait(engine: Engine) -> None:
    arrivals = Arrivals(engine)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(waited, engine, arrivals, MARKET, 20)
        time.sleep(0.3)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE dataset RENAME TO elsewhere")
        time.sleep(0.3)
        assert not found.done()
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO dataset")
        grow(engine, MARKET, 1)
        assert found.result(timeout=10) > 0


class Waiting:
    """An application in which /wait rests until it is told to go on."""

    def __init__(self) -> None:
        self.go_on, self.waiting, self.at_work, self.most = threading.Event(), 0, 0, 0
        self._count = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/wait":
            self.waiting += 1
            with resting(environ):
                self.go_on.wait(30)
        with self._count:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        time.sleep(0.01)
        with self._count:
            self.at_work -= 1
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]


def test_a_hundred_that_wait_keep_nobody_out_and_go_on_in_turns() -> None:
    application = Waiting()
    turns = Turns(application, AT_WORK)
    listener = Listener(turns, "127.0.0.1", 0, waiting=100, ended=application.go_on.set)
    thread = threading.Thread(target=listener.run)
    thread.start()
    url = f"http://127.0.0.1:{listener.effective_port}"
    with ThreadPoolExecutor(100) as pool:
        found = [pool.submit(httpx.get, f"{url}/wait", timeout=40) for _ in range(100)]
        while application.waiting < 100:
            time.sleep(0.02)
        begun = time.monotonic()
        assert httpx.get(url).text == "ok"
        assert time.monotonic() - begun < 1
        listener.close()  # a server that stops wakes those that wait, and they are answered
        assert [one.result().text for one in found] == ["ok"] * 100
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert application.most <= AT_WORK


def test_a_turn_comes_back_after_a_failure() -> None:
    def failing(environ: Any, start: Any) -> Iterable[bytes]:
        with resting(environ):
            raise ValueError("failed")

    turns = Turns(failing, 1)
    for _ in range(3):
        with pytest.raises(ValueError, match="failed"):
            turns({}, lambda *_: None)  # type: ignore[arg-type]
