"""How much room there is, and for how long it will do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.monitoring.line import FAULT, OK, WARNING
from hub.monitoring.thresholds import of_room

_CODES = {OK: "doctor_disk", WARNING: "doctor_disk_scarce", FAULT: "doctor_disk_full"}
LATELY = timedelta(days=30)  # the time whose growth is taken for that of the next


def check_disk(patient: Patient) -> Iterator[Issue]:
    """Free room against the disk's size, the site's, and what the site grew by lately."""
    room = shutil.disk_usage(patient.site.path)
    size, grown = measured(patient.site.path, (patient.now - LATELY).timestamp())
    age = patient.now.timestamp() - _began(patient.site.path)
    daily = grown / max(1.0, min(LATELY.days, age / 86_400))
    days = int(room.free / daily) if daily else None
    words = {"free": _told(room.free), "size": _told(size), "daily": _told(daily)}
    words["days"] = "∞" if days is None or days > 9_999 else str(days)
    code = _CODES[of_room(room.free, room.total, days)]
    yield Issue(code, value=str(patient.site.path), params=words)


def measured(folder: Path, since: float) -> tuple[int, int]:
    """Bytes of all files below, and of those written since a moment. What vanishes meanwhile isn't
    counted."""
    size = grown = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                found = Path(place, name).lstat()
            except FileNotFoundError:
                continue
            size += found.st_size
            grown += found.st_size if found.st_mtime >= since else 0
    return size, grown


def _began(site: Path) -> float:
    """When the site was made, as far as its oldest entry tells."""
    return min((one.lstat().st_mtime for one in site.iterdir()), default=site.stat().st_mtime)


def _told(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"
