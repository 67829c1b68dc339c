"""The operator's status: every line of what the hub does, with a level and what to do.

    status = look(site, engine, catalogue, now)
    for line in status.lines: ...

A pure function of what is stored: the command, the console and the alerts show the same.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.issue import Issue
from hub.instant import instant_of
from hub.monitoring import (
    schema,
    seen_consumers,
    seen_disclosures,
    seen_feeds,
    seen_jobs,
    seen_machine,
    seen_targets,
)
from hub.monitoring.facts import Facts, gather
from hub.monitoring.line import FAULT, LEVELS, OK, Line
from hub.site import Site

#: Part of the facts → the parts of its lines.
PARTS_OF = {
    "schema": ("schema",),
    "jobs": ("queue", "worker", "job"),
    "feeds": ("feed", "held"),
    "disclosures": ("overdue", "due", "release"),
    "consumers": ("consumer", "receipts", "webhooks"),
    "targets": ("target",),
    "machine": ("disk", "certificate", "calendar", "backup", "sign_in", "alerts"),
}


@dataclass(frozen=True, slots=True)
class Status:
    """`lines` have the worst first. `versions`: hub, python, database."""

    at: str
    lines: tuple[Line, ...]
    versions: Mapping[str, str]
    facts: Facts

    @property
    def level(self) -> str:
        """The worst level of all lines."""
        return max((line.level for line in self.lines), key=LEVELS.index, default=OK)

    def of(self, *parts: str) -> list[Line]:
        """The lines of these parts."""
        return [line for line in self.lines if line.part in parts]

    def counts(self) -> dict[str, int]:
        """Lines by level."""
        return {level: sum(line.level == level for line in self.lines) for level in LEVELS}


def look(site: Site, engine: Engine, catalogue: Catalogue, now: datetime | None = None) -> Status:
    """The status now, or at `now` (aware). What can't be seen, a database that is away too, is a line."""
    return status_of(gather(site, engine, catalogue, now), engine.dialect.name)


def status_of(facts: Facts, database: str) -> Status:
    """The status that these facts give."""
    worst = sorted(lines_of(facts), key=lambda line: -LEVELS.index(line.level))
    versions = {
        "hub": version("exchange-hub"),
        "python": platform.python_version(),
        "database": database,
    }
    return Status(instant_of(facts.at), tuple(worst), versions, facts)


def lines_of(facts: Facts) -> Iterator[Line]:
    """Every line, part by part."""
    for part, issue in facts.failed.items():
        yield Line("unseen", part, FAULT, issue, None, 1)
    if facts.schema is not None:
        yield schema.line(facts.schema)
    if facts.jobs is not None:
        yield from seen_jobs.lines(facts.jobs, facts.at)
    if facts.feeds is not None:
        yield from seen_feeds.lines(facts.feeds)
    if facts.disclosures is not None:
        yield from seen_disclosures.lines(facts.disclosures)
    if facts.consumers is not None:
        yield from seen_consumers.lines(facts.consumers, facts.at)
    if facts.targets is not None:
        yield from seen_targets.lines(facts.targets)
    if facts.machine is not None:
        yield from seen_machine.lines(facts.machine, facts.at)


def line_json(line: Line) -> dict[str, Any]:
    """A line for programs."""
    told: Issue | None = line.issue
    return {
        "part": line.part,
        "name": line.name,
        "level": line.level,
        "code": told.code if told else None,
        "message": told.message("zh_CN") if told else None,
        "message_en": told.message("en") if told else None,
        "since": line.since,
        "size": line.size,
        "figures": dict(line.figures),
    }
