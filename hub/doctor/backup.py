"""When the last backup was made, where `hub backup` puts them unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient

OLD = timedelta(days=2)  # a daily backup that failed once


def check_backup(patient: Patient) -> Iterator[Issue]:
    """The newest whole backup beside the site; those of elsewhere aren't known here."""
    site = patient.site.path
    place = site.with_name(f"{site.name}-backups")
    last = _newest(place)
    if last is None:
        yield Issue("doctor_backup_none", value=str(place))
        return
    words = {"days": str((patient.now - last).days)}
    code = "doctor_backup_old" if patient.now - last > OLD else "doctor_backup"
    yield Issue(code, value=last.isoformat(timespec="seconds"), params=words)


def _newest(place: Path) -> datetime | None:
    """One that is being made has a name that begins with a dot."""
    if not place.is_dir():
        return None
    made = [one.stat().st_mtime for one in place.iterdir() if not one.name.startswith(".")]
    return datetime.fromtimestamp(max(made), UTC) if made else None
