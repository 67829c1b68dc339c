"""What a public portal, or another machine of the hub, brings from the storage; no database is opened."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.site import Site
from hub.storage import drops, folders, releases
from hub.storage.bucket import Bucket, open_bucket
from hub.storage.place import place_of
from hub.storage.pushing import SHOWN
from hub.storage.tally import File

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Pulled:
    """How many files came, how many drops were handed over, and what couldn't be brought."""

    files: int = 0
    drops: int = 0
    issues: list[Issue] = field(default_factory=list)


def pull(site: Site, bucket: Bucket) -> Pulled:
    """Bring releases and what is shown besides, then hand over what was dropped here.

    What is wrong with one dataset stops no other: it is in `issues`, and its releases of before stand.
    Raises as `Bucket` where nothing can be asked.
    """
    done = Pulled()
    site.releases.mkdir(parents=True, exist_ok=True)
    for name in releases.datasets_there(bucket):
        try:
            done.files += releases.pull(bucket, site.releases, name)
        except HubError as error:
            done.issues.append(error.issue)
    try:
        done.files += folders.pull(bucket, SHOWN, site.path, _older_here(site, bucket))
    except HubError as error:
        done.issues.append(error.issue)
    done.drops = drops.hand_over(bucket, site.filings, site.subscriptions)
    return done


def _older_here(site: Site, bucket: Bucket) -> dict[str, File]:
    """What is shown, less what a machine of the hub has written since."""

    def is_newer(path: Path, file: File) -> bool:
        return path.exists() and path.stat().st_mtime_ns > file.changed

    tally = folders.tally_of(bucket, SHOWN)
    return {name: file for name, file in tally.items() if not is_newer(site.path / name, file)}


class Puller:
    """Pulls again and again, in a thread, until `end`. Nothing where no storage is set."""

    def __init__(self, site: Site, every: float) -> None:
        self._site, self._every = site, every
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Pull once, so that there is something to show, then go on beside."""
        place = place_of()
        if place is None:
            return
        bucket = open_bucket(place)
        self.turn(bucket)
        self._thread = threading.Thread(target=self._run, args=(bucket,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """What is under way may end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def turn(self, bucket: Bucket) -> None:
        """One turn; what is wrong is logged by its code, and tried again in the next."""
        try:
            for issue in pull(self._site, bucket).issues:
                logger.warning("storage: %s %s", issue.code, issue.value)
        except HubError as error:
            logger.warning("storage: %s", error.issue.code)
        except OSError as error:
            logger.warning("storage: %s", type(error).__name__)

    def _run(self, bucket: Bucket) -> None:
        while not self._stopping.wait(self._every):
            self.turn(bucket)
