"""A private MariaDB, and databases in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pymysql

from tests.services.needs import require
from tests.services.server import free_port, server

# Tests end processes, never the machine: what syncing guards against can't happen to them.
SETTINGS = {
    "bind-address": "127.0.0.1",
    "skip-log-bin": None,
    "skip-name-resolve": None,
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-doublewrite": "OFF",
    "innodb-buffer-pool-size": "64M",
    "character-set-server": "utf8mb4",
    "default-time-zone": "+00:00",  # not the hub's: a test would see it
}


def _user() -> str | None:
    """MariaDB refuses to run as root; Debian's package brings a user for it."""
    return "mysql" if os.geteuid() == 0 else None


def _make_data(folder: Path) -> None:
    user = _user()
    if user:
        shutil.chown(folder, user, user)
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
    subprocess.run(
        [
            *become,
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )


def connect_directly(url: str) -> pymysql.Connection[pymysql.cursors.Cursor]:
    """A driver's connection to what `url` names, for tests that prepare something there."""
    told = urlsplit(url)
    return pymysql.connect(
        host=told.hostname or "",
        port=told.port or 0,
        user=told.username,
        database=told.path.strip("/") or None,
        charset="utf8mb4",
        connect_timeout=2,
        autocommit=True,
    )


def _answers(url: str) -> bool:
    try:
        connect_directly(url).close()
    except pymysql.OperationalError:
        return False
    return True


@contextmanager
def mariadb_server() -> Iterator[str]:
    """Runs a MariaDB of its own; gives the SQLAlchemy URL of its `mysql` database."""
    require(["mariadb-server"])
    port = free_port()
    url = f"mysql+pymysql://root@127.0.0.1:{port}/mysql"
    with tempfile.TemporaryDirectory(prefix="hub-mariadb-") as name:
        folder = Path(name)
        _make_data(folder)
        command = [str(shutil.which("mariadbd")), "--no-defaults", f"--port={port}"]
        command += [f"--datadir={folder / 'data'}", f"--socket={folder / 'socket'}"]
        for setting, value in SETTINGS.items():
            command.append(f"--{setting}" if value is None else f"--{setting}={value}")
        with server(command, partial(_answers, url), folder / "log", user=_user()):
            yield url


@contextmanager
def fresh_mariadb(server_url: str, charset: str = "utf8mb4") -> Iterator[str]:
    """An empty database beside the one that `server_url` names; dropped at the end."""
    name = f"test_{uuid4().hex}"
    connection = connect_directly(server_url)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET {charset}")
        try:
            yield f"{server_url.rpartition('/')[0]}/{name}"
        finally:
            cursor.execute(f"DROP DATABASE `{name}`")
    connection.close()
