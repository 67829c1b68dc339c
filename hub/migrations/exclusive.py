"""One upgrade at a time, and none while anybody else has the database open, as far as that can be known."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, make_url

UPGRADE = "hub upgrade"  # what an upgrade calls itself on PostgreSQL


@contextmanager
def alone(url: str) -> Iterator[None]:
    """On SQLite: wait until no other upgrade of the site is under way, before its file is opened.

    On PostgreSQL the lock of the transaction does that.
    """
    path = _file(url)
    if path is None:
        yield
        return
    folder = os.open(path.parent, os.O_RDONLY)  # the folder itself: a file of our own would stay
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def others(connection: Connection, url: str) -> list[str]:
    """Who else has the database open, such as "pid 4711 (hub serve)", other upgrades aside.

    On SQLite those are processes of this machine that this user may look at; where /proc isn't there,
    nobody is known of. On PostgreSQL they are sessions of the same user in the same database.
    """
    path = _file(url)
    if path is not None:
        return [f"pid {pid} ({_command(pid)})" for pid in _holders(path.resolve())]
    if connection.dialect.name == "sqlite":
        return []
    found = connection.exec_driver_sql(_SESSIONS, {"upgrade": UPGRADE}).all()
    return [f"pid {pid} ({name or '-'}, {address or 'local'})" for pid, name, address in found]


def _file(url: str) -> Path | None:
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database or place.database == ":memory:":
        return None
    return Path(place.database)


def _holders(path: Path) -> list[int]:
    """Other processes with an open file descriptor on the file."""
    found = []
    for folder in Path("/proc").glob("[0-9]*/fd"):
        pid = int(folder.parent.name)
        if pid != os.getpid() and _has_open(folder, path):
            found.append(pid)
    return sorted(found)


def _has_open(folder: Path, path: Path) -> bool:
    try:
        return any(one.readlink() == path for one in folder.iterdir())
    except OSError:  # it has ended meanwhile, or is somebody else's
        return False


def _command(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "-"
    return b" ".join(words).decode(errors="replace").strip()[:80]


_SESSIONS = """
SELECT pid, application_name, client_addr FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND application_name <> %(upgrade)s
ORDER BY pid
"""
