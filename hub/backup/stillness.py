"""Holding a site's files still while its database is copied.

Whoever replaces or moves files of a site holds the lock of their folder while he does: the builder of
a release, whoever seals or erases a stream, whoever takes filings in, whoever replaces a key. A backup
holds all of these, for as long as it takes to copy the database and to link the files.

None of them waits for another's lock while it has one, and none holds one while the database waits for
him, so nobody can be waited for in a circle.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.site import Site

LOCK = ".lock"  # in each folder of which the files change together
_KEYS = ".keys.lock"
_OWN = ".backup.lock"  # one backup of a site at a time


def locks_of(site: Site) -> list[Path]:
    """The locks of all folders that there are, in the order in which they are taken: those first for
    which one may wait long."""
    releases = sorted(path / LOCK for path in _folders(site.releases))
    streams = sorted(
        view / LOCK for dataset in _folders(site.exchange) for view in _folders(dataset)
    )
    filings = [site.filings / LOCK] if site.filings.is_dir() else []
    return [*releases, *streams, *filings, site.releases / _KEYS]


def _folders(path: Path) -> Iterator[Path]:
    found = path.iterdir() if path.is_dir() else iter(())
    return (one for one in found if one.is_dir() and not one.name.startswith("."))


@contextmanager
def still(site: Site) -> Iterator[list[Path]]:
    """Waits for whoever is at the files, and keeps others off until the block ends; gives the locks."""
    with ExitStack() as stack:
        held = locks_of(site)
        for path in held:
            stack.enter_context(_held(path, fcntl.LOCK_EX))
        yield held


@contextmanager
def only_backup(site: Site) -> Iterator[None]:
    """Raises Refused (backup_busy) while another process makes a backup of this site."""
    try:
        with _held(site.path / _OWN, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError:
        raise Refused(Issue("backup_busy", value=str(site.path))) from None


@contextmanager
def _held(path: Path, how: int) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
