"""Workers: every job is done once, whoever dies and whatever gets lost on the way."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from hub import between_work, ckan_targets, impact_job, jobs
from hub.consumers import hints
from hub.database import write
from hub.exchange import keeping, receipt_alarms
from hub.job_kinds import PLACES, find
from hub.monitoring import alert_due
from hub.outbound import job as delivering
from hub.outbound import return_work
from hub.site import Site, create_site
from hub.tables import job
from hub.tasks import create_celery, enqueue, hint
from hub.work import submit
from hub.worker import Worker
from tests.hub.ledger_data import made

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return create_site(tmp_path / "site")


@pytest.fixture
def engine(site: Site) -> Engine:
    return made(site.database_url)


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(job.c.state).order_by(job.c.id)))


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def add(engine: Engine, kind: str = "publish") -> int:
    return submit(engine, kind, {"datasets": None})


def lose(engine: Engine, job_id: int) -> None:
    """As a worker leaves a job that was killed some time ago."""
    assert jobs.take(engine, job_id) is not None
    with write(engine) as connection:
        past = {"lease_until": "2026-01-01T00:00:00.000Z"}
        connection.execute(update(job).where(job.c.id == job_id).values(past))


def test_what_is_queued_and_what_was_lost_is_done_once(site: Site, engine: Engine) -> None:
    lose(engine, add(engine))
    add(engine)
    assert Worker(site, engine, 1).run_once() == 2
    assert Worker(site, engine, 1).run_once() == 0
    assert states(engine) == ["done", "done"]
    with engine.connect() as connection:
        assert list(connection.scalars(select(job.c.attempts).order_by(job.c.id))) == [2, 1]


def test_a_job_that_fails_does_not_end_the_worker(
    site: Site, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    add(engine, "no such kind")
    submit(engine, "feed_run", {"feed": "张三的源"})
    add(engine)
    assert Worker(site, engine, 1).run_once() == 1
    assert states(engine) == ["failed", "failed", "done"]
    assert "job 2: feed_unknown" in caplog.text
    assert "张三" not in caplog.text


def test_a_stopped_worker_leaves_the_rest(site: Site, engine: Engine) -> None:
    add(engine)
    worker = Worker(site, engine, 60)
    worker.stop()
    worker.run()
    assert states(engine) == ["queued"]
    running = Worker(site, engine, 0.05)
    thread = threading.Thread(target=running.run)
    thread.start()
    wait_for(lambda: states(engine) == ["done"])
    running.stop()
    thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture
def broker(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HUB_BROKER_URL", redis_url)
    return redis_url


@pytest.fixture
def start(site: Site) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts `hub worker`; every one is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def run() -> subprocess.Popen[bytes]:
        words = ["--site", str(site.path), "worker", "--every", "0.3"]
        process = subprocess.Popen([*COMMAND, *words], env=os.environ)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.wait()


def test_a_broker_carries_jobs_and_sigterm_ends_the_worker(
    site: Site, engine: Engine, broker: str, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    worker = start()
    for _ in range(3):
        enqueue(site, add(engine))
    wait_for(lambda: states(engine) == ["done"] * 3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0


def test_jobs_whose_message_was_lost_are_found(
    site: Site, engine: Engine, broker: str, start: Callable[[], subprocess.Popen[bytes]]
) -> None:
    add(engine)  # its message never reached the broker
    lose(engine, add(engine))
    start()
    wait_for(lambda: states(engine) == ["done"] * 2)


def test_hints_do_not_pile_up(site: Site, engine: Engine, broker: str) -> None:
    app = create_celery(site)
    queued = [add(engine), add(engine)]
    assert hint(app, []) == 0
    assert hint(app, queued) == 2
    assert hint(app, queued) == 0


def test_without_a_broker_the_job_still_waits_in_its_table(
    site: Site, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUB_BROKER_URL", raising=False)
    enqueue(site, add(engine))
    monkeypatch.setenv("HUB_BROKER_URL", "redis://127.0.0.1:1/0")
    enqueue(site, add(engine))
    assert states(engine) == ["queued", "queued"]
    monkeypatch.delenv("HUB_BROKER_URL")
    once = [*COMMAND, "--site", str(site.path), "worker", "--once", "--json"]
    assert subprocess.run(once, capture_output=True, check=True).stdout == b'{\n  "done": 2\n}\n'


def test_only_json_is_taken_from_the_broker(site: Site, broker: str) -> None:
    app = create_celery(site)
    assert app.conf.accept_content == ["json"]
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    assert app.conf.result_backend is None
    assert app.conf.worker_prefetch_multiplier == 1


def test_every_kind_of_job_is_done_by_what_is_there() -> None:
    constants = (keeping.KIND, alert_due.KIND, ckan_targets.KIND, impact_job.KIND, hints.KIND)
    constants += (receipt_alarms.KIND, between_work.KIND, delivering.KIND, return_work.KIND)
    assert set(constants) < set(PLACES)
    assert all(callable(find(kind)) for kind in PLACES)
