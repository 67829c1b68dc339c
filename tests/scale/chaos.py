"""A hub of many processes in which anything is killed at any moment: workers, broker, database."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.services.needs import require
from tests.services.postgres_server import make_cluster, started, url_of
from tests.services.redis_server import _answers as redis_answers
from tests.services.server import free_port, server

Start = Callable[[], AbstractContextManager[subprocess.Popen[bytes]]]


@dataclass
class Service:
    """A process that is started again whenever it has ended, as systemd and Kubernetes do."""

    start: Start
    kill: signal.Signals
    _held: ExitStack = field(default_factory=ExitStack)
    process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it, and wait until it answers."""
        self._held = ExitStack()
        self.process = self._held.enter_context(self.start())

    def end_suddenly(self) -> None:
        """Kill it, and wait until it is gone."""
        assert self.process is not None
        self.process.send_signal(self.kill)
        self.process.wait()
        self._held.close()

    def revive(self) -> None:
        """Start it again where it has ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            self._held.close()
            self.begin()

    def close(self) -> None:
        """End it for good."""
        self._held.close()


def rage(
    services: dict[str, list[Service]],
    seed: int,
    kills: int,
    between: tuple[float, float],
    at_work: Callable[[], None],
) -> dict[str, int]:
    """Kill so many of the services, each so many seconds after `at_work` has returned; each kind once at
    least, then by chance. Returns how many of each."""
    chance, kinds, killed = random.Random(seed), list(services), dict.fromkeys(services, 0)
    for turn in range(kills):
        at_work()
        time.sleep(chance.uniform(*between))
        kind = kinds[turn] if turn < len(kinds) else chance.choice(kinds)
        one = chance.choice(services[kind])
        one.end_suddenly()
        time.sleep(chance.uniform(0, 1))
        one.begin()
        killed[kind] += 1
    return killed


@contextmanager
def database(folder: Path) -> Iterator[tuple[str, Service]]:
    """A PostgreSQL of its own, and its URL. SIGQUIT stops it at once, without a word to anybody."""
    require(["postgresql"])
    port = free_port()
    folder.chmod(0o755)
    make_cluster(folder)
    service = Service(lambda: started(folder, port), signal.SIGQUIT)
    service.begin()
    try:
        yield url_of(port), service
    finally:
        service.close()


@contextmanager
def redis(folder: Path) -> Iterator[tuple[str, Service]]:
    """A Redis of its own that keeps nothing: whoever kills it loses every message."""
    require(["redis-server"])
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port)]
    command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    service = Service(
        lambda: server(command, partial(redis_answers, url), folder / "redis.log"), signal.SIGKILL
    )
    service.begin()
    try:
        yield url, service
    finally:
        service.close()
