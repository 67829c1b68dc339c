"""Which analyses there are, and what each found the last time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from hub.analysis import computing
from hub.analysis.analyses import ANALYSES, Analysis
from hub.analysis.tables import analysis_state
from hub.site import Site


@dataclass(frozen=True, slots=True)
class Seen:
    """`counts` is dataset → {read, rejected, added, …} of the last computing; None: there was none. `due`
    says whether it would be computed now."""

    analysis: Analysis
    day: str | None
    ended_at: str | None
    seconds: float | None
    counts: dict[str, dict[str, Any]] | None
    due: bool


def overview(site: Site, connection: Connection, day: date) -> list[Seen]:
    """All of them, in the order in which they are computed."""
    last = {row.name: row for row in connection.execute(select(analysis_state))}
    waiting = {one.name for one in computing.due(site, connection, day)}
    return [_seen(one, last.get(one.name), due=one.name in waiting) for one in ANALYSES.values()]


def _seen(one: Analysis, last: Any, *, due: bool) -> Seen:
    if last is None:
        return Seen(one, None, None, None, None, due)
    seconds, counts = last.milliseconds / 1000, json.loads(last.counts)
    return Seen(one, last.day, last.ended_at, seconds, counts, due)
