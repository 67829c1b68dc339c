"""Exceptions, sorted by what the caller should do. Raising one has no side effect.

Bad data in a row is never an exception: it is an `Issue` value (see `issue.py`).
"""

from __future__ import annotations

from exchange_schemas.issue import Issue


class HubError(Exception):
    """Base of all; carries the issue whose bilingual message explains it."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message("en"))
        self.issue = issue


class SourceUnavailable(HubError):
    """Raised by adapters when a source can't be reached now: retry later."""


class SourceFaltering(SourceUnavailable):
    """Raised by sources for what may pass within seconds: retry with back-off, then later."""


class SourceUnreadable(HubError):
    """Raised by adapters when a whole delivery can't be read: stop this run, tell the department."""


class Misdeclared(HubError):
    """Raised when a standard, a feed or a command names something that doesn't exist or is wrong."""


class Refused(HubError):
    """Raised when an act is not allowed in the present state (same approver twice, digest changed)."""


class Corrupt(HubError):
    """Raised when stored content doesn't match its digest: stop and investigate."""


class TargetUnavailable(HubError):
    """Raised when a place that is published to can't take it now: retry later."""


class TargetRefused(HubError):
    """Raised when a place that is published to refuses: somebody has to change something first."""
