"""The database goes and comes back under a server and its worker, and so does the broker."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import redis
from sqlalchemy import Engine, select

from hub.database import connect, create_tables
from hub.feeds import copy_samples
from hub.site import Site, create_site
from hub.tables import job
from hub.work import submit
from tests.doctor.serving_site import at_once, running, served, until
from tests.services.needs import require
from tests.services.postgres_server import make_cluster, started, url_of
from tests.services.server import free_port, server

RECOVERY = 15.0  # seconds within which everything goes on by itself
ENTRIES = "/exchange/v1/datasets"


class Postgres:
    """One that can be stopped and started again."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder, self.port, self._running = folder, free_port(), running
        self.start()

    def start(self) -> None:
        self._running.enter_context(started(self.folder, self.port))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    require(["postgresql"])
    with tempfile.TemporaryDirectory(prefix="hub-postgres-") as name, ExitStack() as running:
        make_cluster(Path(name))
        yield Postgres(Path(name), running)


def a_site(folder: Path, url: str | None = None) -> tuple[Site, Engine]:
    site = create_site(folder / "site")
    copy_samples(site.feeds)
    engine = connect(url or site.database_url)
    create_tables(engine)
    return site, engine


def states(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(job.c.state).order_by(job.c.id)))


def add(engine: Engine) -> int:
    return submit(engine, "feed_run", {"feed": "sample_registration"})


def problem(url: str) -> httpx.Response | None:
    """The answer, where it is one that the hub can't give now."""
    told = httpx.get(url, headers={"Authorization": "Bearer none"}, timeout=30)
    return told if told.status_code == 503 else None


def test_a_server_and_its_worker_go_on_once_the_database_is_back(
    postgres: Postgres,
    tmp_path: Path,
    figures: dict[str, int | float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = url_of(postgres.port)
    monkeypatch.setenv("HUB_DATABASE_URL", url)
    site, engine = a_site(tmp_path, url)
    with served(site.path) as (process, address):
        add(engine)
        until(lambda: states(engine)[0] == "done", 60)
        postgres.stop()
        told = until(lambda: problem(f"{address}{ENTRIES}"))
        assert told.headers["Content-Type"] == "application/problem+json"
        assert told.json()["code"] == "hub_unwell"
        assert 0 < int(told.headers["Retry-After"]) <= 10
        assert httpx.get(f"{address}/").status_code == 200  # the portal needs no database
        assert httpx.get(f"{address}/health").status_code == 200
        assert httpx.get(f"{address}/ready").status_code == 503
        away = at_once(site.path, "feed", "due")
        assert (away.returncode, "[database_away]" in away.stderr) == (1, True)
        assert "Traceback" not in away.stderr
        told_by_doctor = at_once(site.path, "doctor")
        assert told_by_doctor.returncode == 1
        assert "can't be reached" in told_by_doctor.stdout
        time.sleep(3)  # the worker looks, and finds nothing
        postgres.start()
        back = time.monotonic()
        until(lambda: problem(f"{address}{ENTRIES}") is None, RECOVERY)
        figures["bad days: seconds until a server answers after PostgreSQL is back"] = round(
            time.monotonic() - back, 1
        )
        number = add(engine)
        until(lambda: states(engine)[number - 1] == "done", 60)
        until(lambda: httpx.get(f"{address}/ready").status_code == 200, RECOVERY)
        assert process.poll() is None  # the same process, without anybody's help
    engine.dispose()


@contextmanager
def a_redis(port: int) -> Iterator[subprocess.Popen[bytes]]:
    def answers() -> bool:
        try:
            with redis.Redis(port=port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    with tempfile.TemporaryDirectory(prefix="hub-redis-") as name:
        command = ["redis-server", "--port", str(port), "--save", "", "--dir", name]
        with server(command, answers, Path(name) / "log") as process:
            yield process


def test_a_worker_goes_on_once_the_broker_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require(["redis-server"])
    site, engine = a_site(tmp_path)
    port = free_port()
    monkeypatch.setenv("HUB_BROKER_URL", f"redis://127.0.0.1:{port}/0")
    words = ("worker", "--every", "0.5", "--no-schedule")
    with running(site.path, *words) as worker:
        with a_redis(port):
            first = add(engine)  # its message was never sent: the sweep finds it
            until(lambda: states(engine)[first - 1] == "done", 60)
        second = add(engine)
        told = at_once(site.path, "doctor").stdout
        assert "Meanwhile workers find jobs in the database" in told
        assert worker.poll() is None
        with a_redis(port):
            until(lambda: states(engine)[second - 1] == "done", 60)
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    engine.dispose()
