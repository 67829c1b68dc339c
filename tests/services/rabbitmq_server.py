"""A private RabbitMQ, which can be killed and started again on what it had on its disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import amqp

from tests.services.needs import require
from tests.services.server import free_port, server

PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"
USER = "rabbitmq" if os.geteuid() == 0 else None  # Debian's package brings it
SECONDS = 90.0  # Erlang takes its time on a busy machine


@dataclass(frozen=True, slots=True)
class Place:
    """Where one RabbitMQ keeps its files, and its ports: its own, of its node, of its node's names."""

    folder: Path
    port: int
    nodes: int
    names: int

    @property
    def url(self) -> str:
        """What Celery is given."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def environment(self) -> dict[str, str]:
        """The settings of a node that has nothing to do with another one on the machine."""
        return {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self.names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"hub{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.nodes),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        }


def _answers(port: int) -> bool:
    try:
        with amqp.Connection(f"127.0.0.1:{port}", connect_timeout=2, login_method="PLAIN") as one:
            one.channel().queue_declare(exclusive=True)  # it listens before it has its database
            return True
    except (OSError, amqp.AMQPError):
        return False


@contextmanager
def place() -> Iterator[Place]:
    """A folder for one RabbitMQ, and the server of Erlang's names that it asks."""
    require(["rabbitmq-server"])
    with tempfile.TemporaryDirectory(prefix="hub-rabbitmq-") as name:
        folder = Path(name)
        (folder / "plugins").write_text("[].")
        (folder / "data").mkdir()
        if USER:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, USER)
        made = Place(folder, free_port(), free_port(), free_port())
        epmd = ["epmd", "-address", "127.0.0.1", "-port", str(made.names)]
        with server(epmd, partial(_epmd_answers, made.names), folder.parent / f"{name}.names"):
            yield made
        Path(f"{name}.names").unlink(missing_ok=True)


def _epmd_answers(port: int) -> bool:
    command = ["epmd", "-port", str(port), "-names"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextmanager
def started(where: Place) -> Iterator[subprocess.Popen[bytes]]:
    """The server, answering, until the block ends; `kill` ends it at once."""
    words = [f"{name}={value}" for name, value in where.environment().items()]
    command = ["env", *words, PROGRAM]
    answers, log = partial(_answers, where.port), where.folder / "log"
    with server(command, answers, log, user=USER, seconds=SECONDS) as process:
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the server and of all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def rabbitmq_server() -> Iterator[str]:
    """Runs a RabbitMQ of its own; gives its URL."""
    with place() as where, started(where):
        yield where.url
