"""One server on an SQLite site: whoever serves holds a lock on a file of the site.

The lock is the kernel's (flock): it ends with the process, however that ends, and a copy of the folder
isn't locked. What is written in the file says only who holds it. On PostgreSQL several machines may
serve, and the database itself keeps them from doing anything twice (docs/decisions/0049).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.instant import utc_now
from hub.site import Site

NAME = "serve.lock"  # in the site's folder
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who serves: process, machine, start of the machine, and since when. Empty where unknown."""

    pid: int = 0
    host: str = ""
    boot: str = ""
    since: str = ""

    @property
    def told(self) -> str:
        """For a message."""
        return f"{self.host}, {self.pid}, {self.since}" if self.pid else "?"


@contextmanager
def serving(site: Site) -> Iterator[None]:
    """Serve until the block ends; processes forked in it hold the lock as well.

    Raises Refused (site_served) where another server does already, on an SQLite site.
    """
    if not site.database_url.startswith("sqlite"):
        yield
        return
    handle = os.open(site.path / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _locked(handle):
            who = _read(handle).told
            raise Refused(Issue("site_served", value=str(site.path), params={"who": who}))
        _write(handle)
        yield
    finally:
        os.close(handle)


def holder(site: Site) -> Holder | None:
    """Who serves the site on this machine; None where nobody does. Takes no lock that lasts."""
    try:
        handle = os.open(site.path / NAME, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _locked(handle, fcntl.LOCK_SH) else _read(handle)
    finally:
        os.close(handle)


def _locked(handle: int, how: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _write(handle: int) -> None:
    boot = _BOOT.read_text().strip() if _BOOT.is_file() else ""
    told = {"pid": os.getpid(), "host": socket.gethostname(), "boot": boot, "since": utc_now()}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(told).encode() + b"\n", 0)


def _read(handle: int) -> Holder:
    try:
        return Holder(**json.loads(os.pread(handle, 4096, 0)))
    except (ValueError, TypeError):
        return Holder()
