"""One line of the operator's status: what it is about, how it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from exchange_schemas.issue import Issue

LEVELS = (OK, WARNING, FAULT) = ("ok", "warning", "fault")


@dataclass(frozen=True, slots=True)
class Line:
    """`part` is what kind of thing (feed, job, consumer …), `name` which one.

    `issue` says in both languages what is wrong and what to do; None: nothing is. `since` is ISO 8601,
    UTC. `size` is how much is wrong, in the part's own measure (records, entries, jobs): it is what
    grows. `figures` are for programs and pages.
    """

    part: str
    name: str
    level: str = OK
    issue: Issue | None = None
    since: str | None = None
    size: float = 0
    figures: Mapping[str, Any] = field(default_factory=dict)


def age(since: str | None, now: datetime) -> float | None:
    """Seconds since an instant of the tables; None where there is none."""
    return None if since is None else (now - datetime.fromisoformat(since)).total_seconds()
