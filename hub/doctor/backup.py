"""When the last backup was made, where `hub backup` puts them unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from exchange_schemas.issue import Issue
from hub.backup.newest import newest_backup, usual_place
from hub.doctor.patient import Patient
from hub.monitoring.line import OK
from hub.monitoring.thresholds import of_backup


def check_backup(patient: Patient) -> Iterator[Issue]:
    """The newest whole backup beside the site; those of elsewhere aren't known here."""
    last = newest_backup(patient.site)
    if last is None:
        yield Issue("doctor_backup_none", value=str(usual_place(patient.site)))
        return
    age = patient.now - last
    level = of_backup(age.total_seconds() / 3600)
    code = "doctor_backup" if level == OK else "doctor_backup_old"
    words = {"days": str(age.days)}
    yield Issue(code, value=last.isoformat(timespec="seconds"), params=words)
