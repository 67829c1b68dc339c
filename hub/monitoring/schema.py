"""Which schema the database has, and whether it is the one that this program needs."""

from __future__ import annotations

from dataclasses import dataclass

from exchange_schemas.issue import Issue
from hub.migrations.revisions import HEAD, told_version
from hub.monitoring.line import FAULT, Line
from hub.monitoring.looking import Looking


@dataclass(frozen=True, slots=True)
class SchemaSeen:
    """`version` is what the database says of itself; None: nothing, as those of before did."""

    version: str | None

    @property
    def fits(self) -> bool:
        """Whether this program can work with it."""
        return self.version in (None, HEAD)


def see(at: Looking) -> SchemaSeen:
    """One small query, the only one of its transaction."""
    return SchemaSeen(told_version(at.connection))


def line(found: SchemaSeen) -> Line:
    """Whether it fits."""
    figures = {"version": found.version, "needed": HEAD}
    if found.fits:
        return Line("schema", "database", figures=figures)
    words = {"expected": HEAD}
    issue = Issue("watch_schema", value=found.version, params=words)
    return Line("schema", "database", FAULT, issue, None, 1, figures)
