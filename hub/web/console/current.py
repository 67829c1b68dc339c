"""What is in force now: read again when a standard or a rule of law was changed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from hub.site import Site

LOOKED_EVERY = 2.0  # seconds


class Current:
    """The catalogue of a site, kept until its own standards or law are touched, or the day ends."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._looked_at = 0.0
        self._stamp: object = None
        self._catalogue: Catalogue | None = None

    def catalogue(self) -> Catalogue:
        """The catalogue; raises as `load_catalogue`."""
        with self._lock:
            now = time.monotonic()
            if self._catalogue is None or now - self._looked_at > LOOKED_EVERY:
                stamp = (today(), _stamp(self._site.standards), _stamp(self._site.law))
                if self._catalogue is None or stamp != self._stamp:
                    self._catalogue, self._stamp = self._site.catalogue(), stamp
                self._looked_at = now
            return self._catalogue


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    if not folder.is_dir():
        return ()
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple((str(path), path.stat().st_mtime_ns) for path in found)
