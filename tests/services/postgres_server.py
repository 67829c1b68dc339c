"""A private PostgreSQL, and databases in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import psycopg

from tests.services.needs import postgres_program, require
from tests.services.server import free_port, server

# Tests end processes, never the machine: what fsync guards against can't happen to them.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}


def _user() -> str | None:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    return "postgres" if os.geteuid() == 0 else None


def make_cluster(folder: Path) -> None:
    """A new cluster in `folder`."""
    user = _user()
    if user:
        shutil.chown(folder, user, user)
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    subprocess.run(
        [
            *become,
            str(postgres_program("initdb")),
            f"--pgdata={folder / 'data'}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )


def _answers(port: int) -> bool:
    try:
        psycopg.connect(_conninfo(port), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _conninfo(port: int) -> str:
    return f"host=127.0.0.1 port={port} user=postgres dbname=postgres"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Runs a PostgreSQL of its own; gives the SQLAlchemy URL of its `postgres` database."""
    require(["postgresql"])
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hub-postgres-") as name:
        make_cluster(Path(name))
        with started(Path(name), port):
            yield url_of(port)


def url_of(port: int) -> str:
    """The SQLAlchemy URL of the `postgres` database."""
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


@contextmanager
def started(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server of the cluster in `folder`, answering, until the block ends."""
    command = [str(postgres_program("postgres")), "-D", str(folder / "data"), "-p", str(port)]
    for setting, value in SETTINGS.items():
        command += ["-c", f"{setting}={value}"]
    # SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back.
    answers = partial(_answers, port)
    with server(command, answers, folder / "log", signal.SIGINT, _user()) as process:
        yield process


@contextmanager
def fresh_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A database beside the one that `server_url` names, empty or as `template` is; dropped at the end."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
