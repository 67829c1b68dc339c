"""What this machine has to push: noted on its disk before it is made, and forgotten once it is there.

A note outlives the process that wrote it: whoever works on this machine next does what is left. Nobody else
could, because the files are here.
"""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exchange_schemas.errors import HubError
from hub.site import Site
from hub.storage import drops, folders, releases
from hub.storage.bucket import Bucket, open_bucket
from hub.storage.place import place_of
from hub.storage.tally import files_below

SHOWN = "shown"  # what a portal shows besides releases
SHOWN_FILES = ("retractions", "answers", "standards", "standards_site", "law", "portal.yml")
SHOWN_SECONDS = 60
KEYS = "releases/keys.json"  # with which releases are signed; public

_OWN = (".lock", ".shown")

logger = logging.getLogger(__name__)


def note(site: Site, *names: str) -> None:
    """Note datasets, or `SHOWN`, as to be pushed; nothing where no storage is set."""
    if place_of() is None:
        return
    folder = _notes(site)
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).touch()


def push_by_the_way(site: Site) -> None:
    """What a worker does between two looks at its jobs: push what is noted, and each minute what portals
    show besides releases, which changes with every answer."""
    last = _notes(site) / ".shown"
    if place_of() is not None and not _is_fresh(last):
        note(site, SHOWN)
        last.touch()
    push_noted(site)


def _is_fresh(path: Path) -> bool:
    return path.exists() and time.time() - path.stat().st_mtime < SHOWN_SECONDS


def push_noted(site: Site) -> list[str]:
    """Push what is noted; returns what was. Errors are logged by their code, and what they stopped stays
    noted. Nothing where another process is at it."""
    with _alone(site) as mine:
        noted = sorted(path.name for path in _notes(site).iterdir()) if mine else []
        done = []
        for name in (one for one in noted if not one.startswith(".")):
            try:
                push_one(site, _bucket(), name)
            except HubError as error:
                logger.warning("storage: %s: %s", name, error.issue.code)
            else:
                done.append(name)
        return done


def push_one(site: Site, bucket: Bucket, name: str) -> None:
    """Push a dataset's releases, or what portals show besides; raises as `Bucket`."""
    path = _notes(site) / name
    with suppress(FileNotFoundError):
        path.rename(path.with_name(f".{name}"))  # who notes it from now on means what comes now
    try:
        if name == SHOWN:
            _push_shown(site, bucket)
        else:
            releases.push(bucket, site.releases, name)
    except BaseException:
        note(site, name)
        raise
    path.with_name(f".{name}").unlink(missing_ok=True)


def take_drops(site: Site) -> int:
    """Take over what was dropped on public portals; returns how many. Nothing where no storage is set."""
    place = place_of()
    if place is None:
        return 0
    bucket = open_bucket(place)
    return drops.take_over(bucket, site.filings, site.subscriptions)


def _push_shown(site: Site, bucket: Bucket) -> None:
    def look() -> dict[str, Path]:
        return dict(files_below(site.path, *SHOWN_FILES, KEYS))

    # Another machine of the hub has shown other things: nothing of them is removed.
    folders.push(bucket, SHOWN, look, adding=True)


def _bucket() -> Bucket:
    place = place_of()
    if place is None:
        raise ValueError("no storage is set")
    return open_bucket(place)


def _notes(site: Site) -> Path:
    return site.path / "to_push"


@contextmanager
def _alone(site: Site) -> Iterator[bool]:
    """Whether there is something to do, and no other process of this machine does it."""
    if not _notes(site).is_dir() or place_of() is None:
        yield False
        return
    with (_notes(site) / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        _find_left(site)
        yield True


def _find_left(site: Site) -> None:
    """Note again what a process that died was pushing."""
    for left in _notes(site).iterdir():
        if left.name.startswith(".") and left.name not in _OWN:
            left.rename(left.with_name(left.name[1:]))
