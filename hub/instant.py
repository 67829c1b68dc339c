"""The time, as the tables keep it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> str:
    """Now as ISO 8601 in UTC with milliseconds, e.g. 2026-11-23T01:02:03.456Z."""
    return instant_of(datetime.now(UTC))


def instant_of(moment: datetime) -> str:
    """A moment (aware) as the tables keep it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
