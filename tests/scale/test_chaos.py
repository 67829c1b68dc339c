"""Workers, broker and database killed at any moment while feeds run: nothing lost, nothing doubled."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from hub.database import connect, create_tables
from hub.feeds import topic
from hub.site import Site, create_site
from hub.tables import job, run
from hub.tasks import enqueue
from hub.verify import verify
from hub.work import submit
from tests.scale.chaos import Service, database, rage, redis
from tests.scale.processes import running, sizes, states, wait_for, write_feed

ROWS = 20_000
WORKER = ("worker", "--every", "0.5", "--no-schedule")


@dataclass
class Hub:
    site: Site
    engine: Engine
    services: dict[str, list[Service]]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("HUB_LEASE_SECONDS", "4")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-chaos-")))
        url, postgres = stack.enter_context(database(folder))
        broker_url, broker = stack.enter_context(redis(tmp_path))
        monkeypatch.setenv("HUB_DATABASE_URL", url)
        monkeypatch.setenv("HUB_BROKER_URL", broker_url)
        site = create_site(tmp_path / "site")
        engine = connect(url)
        create_tables(engine)
        workers = [Service(lambda: running(site, *WORKER), signal.SIGKILL) for _ in range(2)]
        for worker in workers:
            worker.begin()
            stack.callback(worker.close)
        yield Hub(site, engine, {"worker": workers, "database": [postgres], "broker": [broker]})


def survive(hub: Hub, feeds: int, turns: int, kills: int) -> dict[str, int]:
    """So many feeds deliver so many times, a third of the rows changed each time, while so many processes
    are killed in each turn; returns how many of each kind."""
    total = dict.fromkeys(hub.services, 0)
    for turn in range(turns):
        for number in range(feeds):
            path = write_feed(hub.site, number, ROWS, turn)
            arguments = {"feed": str(path)}
            enqueue(hub.site, submit(hub.engine, "feed_run", arguments, topic(path.stem)))
        for kind, count in rage(hub.services, turn, kills, (0, 1.0), lambda: at_work(hub)).items():
            total[kind] += count
        wait_for(lambda turn=turn: done(hub, feeds * (turn + 1)), 200)
    return total


def at_work(hub: Hub) -> None:
    """Wait until some job is under way, if there still is one."""

    def is_so() -> bool:
        for worker in hub.services["worker"]:
            worker.revive()
        found = states(hub.engine)
        return "running" in found or "queued" not in found

    wait_for(is_so)


def done(hub: Hub, jobs: int) -> bool:
    for worker in hub.services["worker"]:
        worker.revive()
    try:
        found = states(hub.engine)
    except OperationalError:  # it is just being killed
        return False
    assert "failed" not in found
    return found == {"done": jobs}


def check(hub: Hub, feeds: int, turns: int) -> int:
    """Every change is there exactly once; returns how many times a job was taken again."""
    records = feeds * ROWS
    # the first turn adds all; in each later one every third row has moved
    assert sizes(hub.engine) == (records + (turns - 1) * (records // 3), records)
    with hub.engine.connect() as connection:
        committed = select(func.count()).where(run.c.state == "committed")
        assert connection.scalar(committed) == feeds * turns
        taken = int(connection.scalar(select(func.sum(job.c.attempts))) or 0)
    assert verify(hub.site, hub.engine).issues == []
    return taken - feeds * turns


@pytest.mark.slow
def test_anything_is_killed_while_feeds_run(hub: Hub, figures: dict[str, int | float]) -> None:
    killed = survive(hub, feeds=6, turns=2, kills=4)
    assert min(killed.values()) > 0
    figures["chaos: jobs taken again"] = again = check(hub, feeds=6, turns=2)
    assert again > 0  # else nothing was hit
    for kind, count in killed.items():
        figures[f"chaos: {kind} killed"] = count


@pytest.mark.slow
def test_anything_is_killed_for_long(hub: Hub, figures: dict[str, int | float]) -> None:
    killed = survive(hub, feeds=30, turns=10, kills=12)
    figures["long chaos: jobs taken again"] = check(hub, feeds=30, turns=10)
    for kind, count in killed.items():
        figures[f"long chaos: {kind} killed"] = count
