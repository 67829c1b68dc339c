"""Workers with RabbitMQ: jobs are carried, and a broker that is killed loses and doubles nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hub.database import write
from hub.site import Site, create_site
from hub.tables import job
from hub.tasks import create_celery, enqueue, hint
from hub.work import submit
from tests.hub.ledger_data import made
from tests.scale.processes import running, sizes, states, wait_for, write_feed
from tests.services.postgres_server import fresh_database
from tests.services.rabbitmq_server import Place, kill, place, started

ROWS = 2_000
WORKER = ("worker", "--every", "0.3", "--no-schedule")


@pytest.fixture(scope="module")
def where() -> Iterator[Place]:
    with place() as found:
        yield found


@pytest.fixture
def site(
    where: Place, tmp_path: Path, postgres_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    with fresh_database(postgres_server_url) as url:
        monkeypatch.setenv("HUB_DATABASE_URL", url)
        monkeypatch.setenv("HUB_BROKER_URL", where.url)
        monkeypatch.setenv("HUB_LEASE_SECONDS", "3")
        yield create_site(tmp_path / "site")


def add(site: Site, engine: Engine, number: int) -> int:
    return submit(engine, "feed_run", {"feed": str(write_feed(site, number, ROWS))})


def done(engine: Engine, count: int) -> bool:
    return states(engine) == {"done": count}


def attempts(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(select(job.c.attempts).order_by(job.c.id)))


def test_rabbitmq_carries_jobs_and_sigterm_ends_the_worker(where: Place, site: Site) -> None:
    engine = made(site.database_url)
    with started(where), running(site, "worker", "--every", "60", "--no-schedule") as worker:
        for number in range(3):
            enqueue(site, add(site, engine, number))
        wait_for(lambda: done(engine, 3))
        assert attempts(engine) == [1, 1, 1]
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    assert sizes(engine) == (3 * ROWS, 3 * ROWS)


def test_hints_do_not_pile_up(where: Place, site: Site) -> None:
    engine = made(site.database_url)
    with started(where):
        app = create_celery(site)
        queued = [add(site, engine, 0), add(site, engine, 1)]
        assert (hint(app, []), hint(app, queued), hint(app, queued)) == (0, 2, 0)


def test_a_message_that_is_lost_or_doubled_changes_nothing(where: Place, site: Site) -> None:
    engine = made(site.database_url)
    first, _ = add(site, engine, 0), add(site, engine, 1)
    with started(where):
        for _ in range(5):
            enqueue(site, first)
        with running(site, *WORKER), running(site, *WORKER):
            wait_for(lambda: done(engine, 2))
    assert (attempts(engine), sizes(engine)) == ([1, 1], (2 * ROWS, 2 * ROWS))


def test_a_broker_that_is_killed_and_comes_back_loses_nothing(where: Place, site: Site) -> None:
    engine = made(site.database_url)
    with started(where) as broker, running(site, *WORKER):
        enqueue(site, add(site, engine, 0))
        wait_for(lambda: done(engine, 1))
        kill(broker)
        later = [add(site, engine, number) for number in range(1, 4)]
        for job_id in later:
            enqueue(site, job_id)  # nobody is there to take the message
        with started(where):
            wait_for(lambda: done(engine, 4))
    assert (attempts(engine), sizes(engine)) == ([1] * 4, (4 * ROWS, 4 * ROWS))


def test_a_job_whose_worker_hangs_is_taken_over_within_its_lease(where: Place, site: Site) -> None:
    """A stopped process isn't dead: it comes back, and can't commit."""
    engine = made(site.database_url)
    job_id = submit(engine, "feed_run", {"feed": str(write_feed(site, 0, 300_000))})
    with started(where), running(site, *WORKER) as stuck:
        wait_for(lambda: attempts(engine) == [1])
        stuck.send_signal(signal.SIGSTOP)
        with write(engine) as connection:
            assert connection.scalar(select(job.c.state).where(job.c.id == job_id)) == "running"
        with running(site, *WORKER):
            wait_for(lambda: attempts(engine) == [2], 3 + 10)
            stuck.send_signal(signal.SIGCONT)
            wait_for(lambda: done(engine, 1))
    assert sizes(engine) == (300_000, 300_000)
