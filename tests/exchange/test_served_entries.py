"""Pages of entries over HTTP: both ways, translated, waiting, and to be told when they are cut."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import select

from hub.consumers.consumer import revoke
from hub.database import write
from hub.exchange import catching_up, keeping
from hub.exchange.arrivals import MOST, MOST_OF_ONE, Arrivals
from hub.tables import exchange_log, job
from hub.web.listener import Listener
from hub.web.server import create_application
from tests.exchange.served_stream import BASE, KINDS, Served, served, shared
from tests.hub.exchange_hub import a_key, entries_path
from tests.hub.ledger_data import MARKET, PENALTY, a_company, put


@pytest.fixture(scope="module", params=KINDS)
def hub(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    yield from shared(request, tmp_path_factory)


@pytest.fixture
def own(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Served:
    """One that a test may change."""
    return served(database_url, monkeypatch)


def seqs(lines: list[bytes]) -> list[int]:
    return [json.loads(line)["seq"] for line in lines]


def test_pages_go_both_ways_and_meet(hub: Served) -> None:
    forwards = hub.lines("?limit=5000")[0]
    assert seqs(forwards) == list(range(1, 601))
    before, backwards = "", []
    while True:
        page, told = hub.lines(f"?order=desc&limit=77{before}")
        again, _ = hub.lines(f"?order=desc&limit=77{before}")
        assert page == again
        if not page:
            break
        backwards += page
        assert int(told.headers["X-Last-Seq"]) == seqs(page)[-1]
        before = f"&before={told.headers['X-Last-Seq']}"
    assert backwards == forwards[::-1]
    assert told.headers["X-Last-Seq"] == "1"


def test_a_range_is_what_lies_between(hub: Served) -> None:
    assert seqs(hub.lines("?after=250&before=260")[0]) == list(range(251, 260))
    assert seqs(hub.lines("?after=250&before=260&limit=3")[0]) == [251, 252, 253]
    assert seqs(hub.lines("?after=250&before=260&limit=3&order=desc")[0]) == [259, 258, 257]
    assert seqs(hub.lines("?before=4")[0]) == [1, 2, 3]
    for nothing in ("?after=9&before=10", "?before=1", "?after=600", "?after=900&order=desc"):
        assert hub.lines(nothing)[0] == [], nothing


WRONG = [
    "?order=up", "?order=", "?order=asc&order=asc", "?before=0", "?before=x", "?wait=31",
    "?wait=-1", "?wait=1&order=desc", "?wait=1&before=9", "?Wait=1", "?limit=1&wait=1.5",
]  # fmt: skip


def test_what_is_asked_wrongly_is_refused(hub: Served) -> None:
    for query in WRONG:
        found = hub.ask(entries_path(MARKET, query))
        assert found.status_code == 400, query
        assert json.loads(found.data)["code"] in ("parameter_wrong", "parameter_unknown")


def test_a_version_has_the_leaf_of_what_is_kept(hub: Served) -> None:
    lines, _ = hub.lines("?version=1&limit=3")
    tile = hub.ask("tile/0/000").data
    for number, line in enumerate(lines):
        entry = json.loads(line)
        assert "salt" not in entry
        assert entry["leaf"] == tile[32 * number : 32 * number + 32].hex()
    backwards, _ = hub.lines("?version=1&limit=3&before=4&order=desc")
    assert backwards == lines[::-1]


def test_each_page_is_logged_with_its_range(own: Served) -> None:
    own.lines("?order=desc&limit=5")
    own.lines("?after=10&before=13")
    own.lines("?after=600")  # gives nothing, and leaves no row
    assert own.ask("entries?after=0&limit=9", method="HEAD").status_code == 200  # nor does this
    with own.engine.connect() as connection:
        rows = connection.execute(select(exchange_log).order_by(exchange_log.c.id)).all()[1:]
    assert [(r.kind, r.after_seq, r.last_seq, r.entries) for r in rows] == [
        ("page", 595, 600, 5), ("page", 10, 12, 2),
    ]  # fmt: skip
    assert {r.view_id for r in rows} == {own.view().id}
    assert all(r.grant_id and r.purpose for r in rows)


def test_a_stream_far_behind_gives_what_it_has_and_asks_for_a_job(
    own: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "INLINE", 100)
    put(own.engine, MARKET, [a_company(number) for number in range(1_000, 1_500)])
    lines, told = own.lines("?after=590&limit=5000")
    assert seqs(lines) == list(range(591, 601))
    assert told.headers["X-Head-Seq"] == "1100"
    own.lines("?after=0&limit=1")
    with own.engine.connect() as connection:
        jobs = connection.execute(select(job.c.kind, job.c.state)).all()
    assert [tuple(one) for one in jobs] == [(keeping.KIND, "queued")]
    after, found = 600, []
    while after < 1_100:  # no worker runs, and the consumer gets on all the same
        lines, told = own.lines(f"?after={after}")
        assert lines
        found += seqs(lines)
        after = int(told.headers["X-Last-Seq"])
    assert found == list(range(601, 1_101))


class Running:
    """The hub as a server of its own."""

    def __init__(self, hub: Served) -> None:
        self.hub, arrivals = hub, Arrivals(hub.engine)
        application = create_application(hub.site, hub.engine, arrivals)
        self.listener = Listener(application, "127.0.0.1", 0, None, MOST, arrivals.close)
        self.thread = threading.Thread(target=self.listener.run)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.listener.effective_port}"

    def get(self, query: str, key: str | None = None) -> tuple[httpx.Response, float]:
        begun = time.monotonic()
        headers = {"Authorization": f"Bearer {key or self.hub.key}"}
        found = httpx.get(self.url + entries_path(MARKET, query), headers=headers, timeout=60)
        return found, time.monotonic() - begun

    def stop(self) -> None:
        self.listener.close()
        self.thread.join(timeout=20)
        assert not self.thread.is_alive()


@pytest.fixture
def running(own: Served) -> Iterator[Running]:
    server = Running(own)
    yield server
    server.stop()


def test_who_waits_gets_the_next_entry_at_once(running: Running) -> None:
    with ThreadPoolExecutor(12) as pool:
        found = [pool.submit(running.get, "?after=600&wait=30") for _ in range(12)]
        time.sleep(1)
        put(running.hub.engine, MARKET, [a_company(9_000)])
        committed = time.monotonic()
        pages = [one.result()[0] for one in found]
        assert time.monotonic() - committed < 3  # under 1 s where the machine is quiet: the bench
    assert {page.headers["X-Last-Seq"] for page in pages} == {"601"}
    assert len({page.content for page in pages}) == 1


def test_nothing_new_is_an_empty_page_when_the_time_is_over(running: Running) -> None:
    page, took = running.get("?after=600&wait=1")
    assert (page.status_code, page.content, page.headers["X-Last-Seq"]) == (200, b"", "600")
    assert 1 <= took < 4
    put(running.hub.engine, PENALTY, [])
    assert running.get("?after=0&wait=30&limit=1")[1] < 3  # what is there isn't waited for


def test_a_key_that_is_revoked_meanwhile_gets_nothing(running: Running) -> None:
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(running.get, "?after=600&wait=20")
        time.sleep(0.7)
        with write(running.hub.engine) as connection:
            revoke(connection, f"government {(MARKET, PENALTY)}")
        put(running.hub.engine, MARKET, [a_company(9_000)])
        page = found.result()[0]
    assert page.status_code in (401, 403)
    assert "商行" not in page.text


def test_too_many_are_told_to_come_again_and_keep_nobody_out(running: Running) -> None:
    other = a_key(running.hub.engine, datasets=(MARKET,))
    with ThreadPoolExecutor(MOST_OF_ONE + 4) as pool:
        found = [pool.submit(running.get, "?after=600&wait=4") for _ in range(MOST_OF_ONE + 4)]
        time.sleep(1.5)
        assert running.get("?after=0&limit=1", other)[1] < 2
        assert "Retry-After" not in running.get("?after=600&wait=1", other)[0].headers
        pages = [one.result()[0] for one in found]
    refused = [page for page in pages if "Retry-After" in page.headers]
    assert len(refused) == 4
    assert {page.status_code for page in pages} == {200}


def test_a_server_that_stops_lets_nobody_wait(own: Served) -> None:
    server = Running(own)
    with ThreadPoolExecutor(5) as pool:
        found = [pool.submit(server.get, "?after=600&wait=30") for _ in range(5)]
        time.sleep(1)
        begun = time.monotonic()
        server.stop()
        assert {one.result()[0].status_code for one in found} == {200}
        assert time.monotonic() - begun < 6


def test_keys_are_for_everybody(hub: Served) -> None:
    hub.ask("checkpoint")  # which needs one
    found = json.loads(hub.client.get("/exchange/v1/keys").data)
    assert [key["valid_until"] for key in found["keys"]] == [None]


def test_what_is_sent_has_a_limit(hub: Served) -> None:
    path = "/exchange/v1/notices/1/confirmation"
    headers = {"Authorization": f"Bearer {hub.key}"}
    found = hub.client.post(f"{BASE}/receipts", data=b"x" * 2_000_000, headers=headers)
    assert found.status_code == 413
    assert json.loads(found.data)["code"] == "body_too_large"
    assert hub.client.put(path, headers=headers).status_code == 405
