"""One examination: every check in turn, whatever becomes of the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub.doctor.checks import CHECKS, DATABASE, SITE, Entry
from hub.doctor.patient import Patient

OK, WARNING, FAULT = "ok", "warning", "fault"
_CHINESE = {SITE: "站点", DATABASE: "数据库"}
_STATES = {"info": OK, "warning": WARNING, "error": FAULT}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's."""

    check: Entry
    issue: Issue

    @property
    def state(self) -> str:
        """ok, warning or fault."""
        return _STATES[self.issue.severity]


def examine(patient: Patient, checks: Iterable[Entry] = CHECKS) -> Iterator[Finding]:
    """The findings, as they are made. Raises nothing that a check raises."""
    for entry in checks:
        for issue in _findings(entry, patient):
            if entry.name == DATABASE and issue.severity == "error":
                patient.unreadable = issue
            yield Finding(entry, issue)


def _findings(entry: Entry, patient: Patient) -> Iterator[Issue]:
    lacks = _lacks(entry, patient)
    if lacks:
        yield Issue("doctor_skipped", params={"what": lacks, "what_zh": _CHINESE[lacks]})
        return
    try:
        yield from entry.load()(patient)
    except HubError as error:
        yield error.issue
    except Exception as error:  # noqa: BLE001 - a check that breaks is a finding, not the doctor's end
        yield Issue(
            "doctor_check_failed", value=entry.name, params={"reason": type(error).__name__}
        )


def _lacks(entry: Entry, patient: Patient) -> str:
    if SITE in entry.needs and not patient.site.feeds.is_dir():
        return SITE
    return DATABASE if DATABASE in entry.needs and patient.unreadable else ""
