"""The broker forgets everything, and is restarted, while runs, streams, deliveries and hints are queued."""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import redis
from sqlalchemy import Engine, func, select

from exchange_schemas.identifiers import uscc_expected
from hub.consumers import hints as consumer_hints
from hub.consumers import webhooks as consumer_webhooks
from hub.database import create_tables, write
from hub.exchange.tables import exchange_view
from hub.exchange.views import views_of
from hub.exchange.waiting import streams_wait
from hub.ledger import head_seq
from hub.outbound.fake_province import Province, running
from hub.outbound.job import KIND as DELIVER
from hub.outbound.job import topic as target_topic
from hub.site import Site
from hub.tables import job, revision, run
from hub.tasks import enqueue
from hub.work import submit
from tests.exchange.faults.history import tally
from tests.exchange.faults.processes import Nursery, Started
from tests.exchange.outbound_site import CATALOGUE, City, a_city, a_decision, json_way
from tests.exchange.receipt_hub import a_puller
from tests.hub.ledger_data import MARKET, PENALTY
from tests.services.http_server import Asked, Said, Web, http_server
from tests.services.needs import require
from tests.services.server import free_port, server

RECORDS = 50  # of a feed
LEASE = "3"  # seconds: a lost job is found soon
FEED = """
feed: {name}
title: {{zh: 主体, en: Entities}}
standard: market_entity
source: {{kind: file, path: {name}.csv}}
format: {{kind: csv, encoding: utf-8}}
mode: snapshot
fields:
  subject_name: 名称
  uscc: 代码
  domicile: 地址
  established_on: {{value: "2020-01-02"}}
"""


@dataclass
class Broker:
    """A Redis of the test's own."""

    folder: Path
    port: int
    running: ExitStack

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        words = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        words += ["--appendonly", "no", "--dir", str(self.folder)]
        self.running.enter_context(server(words, self._answers, self.folder / "log"))

    def restart(self) -> None:
        """It keeps nothing."""
        self.running.close()
        self.start()

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def broker() -> Iterator[Broker]:
    require(["redis-server"])
    with tempfile.TemporaryDirectory(prefix="hub-redis-") as name, ExitStack() as running_one:
        found = Broker(Path(name), free_port(), running_one)
        found.start()
        yield found


@dataclass
class Busy:
    """A city with feeds, a target and a consumer with a webhook, and all that it queued."""

    city: City
    broker: Broker
    province: Province
    web: Web
    feeds: int = 0
    turn: int = 0
    queued: Counter[str] = field(default_factory=Counter)

    @property
    def engine(self) -> Engine:
        return self.city.engine

    @property
    def site(self) -> Site:
        return self.city.site

    def queue(self, kind: str, arguments: dict[str, Any], topic: str | None) -> None:
        """A job, and its message, as the command line and the schedule send it."""
        number = submit(self.engine, kind, arguments, topic)
        enqueue(self.site, number)
        self.queued[kind] += 1

    def more(self) -> None:
        """A new feed's run, something to deliver, and what follows from them."""
        name = f"f{self.feeds}"
        _write_feed(self.site, name, self.feeds)
        self.feeds, self.turn = self.feeds + 1, self.turn + 1
        self.queue("feed_run", {"feed": str(self.site.feeds / f"{name}.yml")}, f"feed:{name}")
        self.city.says([a_decision(n, content=f"第{self.turn}版") for n in range(1, 6)])
        self.queue(DELIVER, {"target": "p"}, target_topic("p"))
        self.queue(consumer_hints.KIND, {}, consumer_hints.TOPIC)
        with write(self.engine) as connection:
            streams_wait(connection, MARKET)
            streams_wait(connection, PENALTY)

    def open_jobs(self) -> dict[str, int]:
        """State → how many jobs; those that are done are left out."""
        query = select(job.c.state, func.count()).where(job.c.state != "done")
        with self.engine.connect() as connection:
            rows = connection.execute(query.group_by(job.c.state)).all()
        return {str(state): int(count) for state, count in rows}


def _write_feed(site: Site, name: str, number: int) -> None:
    body = [f"91440902MA{number * RECORDS + n:07d}" for n in range(RECORDS)]
    check = uscc_expected(pl.Series([f"{one}0" for one in body]))
    coded = zip(body, check, strict=True)
    rows = [f"第{n}号商行,{code}{last},官渡路{n}号" for n, (code, last) in enumerate(coded)]
    (site.feeds / f"{name}.csv").write_text("\n".join(["名称,代码,地址", *rows]) + "\n", "utf-8")
    (site.feeds / f"{name}.yml").write_text(FEED.format(name=name), "utf-8")


@contextmanager
def a_busy_city(
    folder: Path, url: str, broker: Broker, children: Nursery, patch: pytest.MonkeyPatch
) -> Iterator[Busy]:
    settings = {
        "HUB_DATABASE_URL": url, "HUB_BROKER_URL": broker.url, "HUB_LEASE_SECONDS": LEASE,
        "HUB_WEBHOOKS_INTERNAL": "1", "HUB_INTERNAL_TARGETS": "p",
    }  # fmt: skip
    for name, value in settings.items():
        patch.setenv(name, value)
    children.environment |= settings
    with running() as province, http_server() as web:
        web.answers["/hub"] = lambda _: Said(b"", 204)
        city = a_city(folder, url)
        create_tables(city.engine)
        city.declare("p", json_way(province))
        one = a_puller(city.engine, "市民政局")
        with write(city.engine) as connection:
            consumer_webhooks.add(connection, CATALOGUE, one.name, MARKET, f"{web.url}/hub")
        yield Busy(city, broker, province, web)
        city.engine.dispose()


def worker(busy: Busy, children: Nursery) -> Started:
    words = ("worker", "--every", "0.3", "--no-schedule")
    return children.start("--site", str(busy.site.path), *words)


def all_ended(busy: Busy, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while left := busy.open_jobs():
        assert set(left) <= {"queued", "running"}, left
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def each_exactly_once(busy: Busy) -> None:
    """Runs, streams, deliveries and hints had their effect, and had it once."""
    with busy.engine.connect() as connection:
        committed = select(run.c.feed_id, func.count()).where(run.c.state == "committed")
        of_feeds = committed.where(run.c.source.like("%.csv"), run.c.read == RECORDS)
        runs = [count for _, count in connection.execute(of_feeds.group_by(run.c.feed_id))]
        sizes = dict(
            connection.execute(select(exchange_view.c.dataset_id, exchange_view.c.size)).all()
        )
        heads = {v.dataset: head_seq(connection, v.dataset) for v in views_of(connection)}
        entries = connection.scalar(select(func.count()).select_from(revision))
    assert runs == [1] * busy.feeds
    assert heads[MARKET] == busy.feeds * RECORDS
    assert sorted(sizes.values()) == sorted(heads.values())
    assert entries == sum(heads.values())
    flows = [flow for flow, *_ in busy.province.book.effects]
    assert len(flows) == len(set(flows))
    assert sorted(sn for *_, sn, _ in busy.province.book.effects) == list(
        range(1, heads[PENALTY] + 1)
    )
    hints = [_hint(one) for one in busy.web.asked]
    assert len({name for name, _ in hints}) == len(hints)
    assert hints[-1][1] == heads[MARKET]
    assert [size for _, size in hints] == sorted({size for _, size in hints})


def _hint(asked: Asked) -> tuple[str, int]:
    told = json.loads(asked.body)
    return told["id"], int(told["data"]["size"])


def prove(busy: Busy, children: Nursery, turns: int, figures: dict[str, int | float]) -> None:
    chance = random.Random(turns)
    busy.more()
    workers = [worker(busy, children) for _ in range(2)]
    for turn in range(turns):
        for _ in range(chance.randint(1, 3)):
            busy.more()
        if turn % 4 == 1:
            busy.broker.restart()
        else:
            busy.broker.flush()
        time.sleep(chance.random() * 0.4)
    all_ended(busy)
    busy.queue(consumer_hints.KIND, {}, consumer_hints.TOPIC)
    with write(busy.engine) as connection:
        streams_wait(connection, MARKET)
        streams_wait(connection, PENALTY)
    all_ended(busy)
    for one in workers:
        assert not one.ended(), one.errors()
    each_exactly_once(busy)
    tally(figures, "faults: broker flushed or restarted", turns)
    tally(figures, "… jobs that ended, each once", sum(busy.queued.values()))


def test_the_broker_forgets(
    tmp_path: Path,
    broker: Broker,
    children: Nursery,
    monkeypatch: pytest.MonkeyPatch,
    figures: dict[str, int | float],
) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite'}"
    with a_busy_city(tmp_path, url, broker, children, monkeypatch) as busy:
        prove(busy, children, 3, figures)


@pytest.mark.slow
def test_the_broker_forgets_fifty_times(
    tmp_path: Path,
    broker: Broker,
    children: Nursery,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    figures: dict[str, int | float],
) -> None:
    with a_busy_city(tmp_path, database_url, broker, children, monkeypatch) as busy:
        prove(busy, children, 50, figures)
