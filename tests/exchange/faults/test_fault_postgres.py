"""PostgreSQL is stopped at once, again and again, under a hub that is in the middle of its pages."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.exchange.faults.history import judge, tally
from tests.exchange.faults.living_city import City, a_living_city
from tests.exchange.faults.processes import Nursery
from tests.exchange.faults.province import Province, a_province
from tests.services.needs import require
from tests.services.postgres_server import make_cluster, started, url_of
from tests.services.server import free_port


@dataclass
class Database:
    """A PostgreSQL of the test's own."""

    folder: Path
    port: int
    running: ExitStack
    pid: int = 0

    def start(self) -> None:
        """And recover."""
        process = self.running.enter_context(started(self.folder, self.port))
        self.pid = process.pid  # setpriv has become the server itself

    def stop_at_once(self) -> None:
        """As SIGQUIT does: no session is asked, nothing is written any more."""
        os.kill(self.pid, signal.SIGQUIT)
        self.running.close()

    def has(self, name: str) -> str:
        """A new database in it."""
        with psycopg.connect(
            url_of(self.port).replace("+psycopg", ""), autocommit=True
        ) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"{url_of(self.port).rpartition('/')[0]}/{name}"


@contextmanager
def a_database() -> Iterator[Database]:
    require(["postgresql"])
    with tempfile.TemporaryDirectory(prefix="hub-postgres-") as name, ExitStack() as running:
        make_cluster(Path(name))
        found = Database(Path(name), free_port(), running)
        found.start()
        yield found


@pytest.fixture
def database() -> Iterator[Database]:
    with a_database() as found:
        yield found


def provinces_of(city: City, folder: Path, database: Database) -> list[Province]:
    """One with files, and one whose own tables lie in the same server as the city's."""
    files = a_province(city, folder, "files", "files")
    rows = Province(city, "rows", city.consumer("rows"), ("--database", database.has("province")))
    return [files, rows]


def prove(
    children: Nursery,
    folder: Path,
    database: Database,
    restarts: int,
    figures: dict[str, int | float],
) -> None:
    city = a_living_city(folder, database.has("city"), children)
    provinces, chance = provinces_of(city, folder, database), random.Random(restarts)
    city.run({n: city.changed(n) for n in range(200)})
    city.serve()
    city.worker()
    first, second = provinces
    with city.speaking(seed=restarts, pause=0.1), first.pulling(), second.pulling():
        for _ in range(restarts):
            time.sleep(0.2 + chance.random() * 0.8)
            database.stop_at_once()
            city.history.note("postgresql", "info", "stopped at once")
            database.start()
        time.sleep(0.5)
    city.say(chance)
    root = city.root()
    for province in provinces:
        province.catch_up()
        size = judge(city.history.events(), province.holding(), root)
    assert city.proved() == []
    city.engine.dispose()
    tally(figures, "faults: PostgreSQL stopped at once in mid-page", restarts)
    tally(figures, "… entries that both consumers hold, each once", size)
    lost = [e for e in city.history.events() if e["act"] == "say" and e["type"] == "info"]
    tally(figures, "… runs that were cut off", len(lost))
    tally(figures, "… pulls that were cut off", sum(len(p.codes) for p in provinces))


def test_postgresql_stops_at_once(
    children: Nursery, tmp_path: Path, database: Database, figures: dict[str, int | float]
) -> None:
    prove(children, tmp_path, database, 3, figures)


@pytest.mark.slow
def test_postgresql_stops_at_once_a_hundred_times(
    children: Nursery, tmp_path: Path, database: Database, figures: dict[str, int | float]
) -> None:
    prove(children, tmp_path, database, 100, figures)
