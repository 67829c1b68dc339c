"""The table of the bench on releases: a million penalties, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.bench.steps_table import show_steps

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 1_000_000
#: Step → seconds that it may take; the others have no limit set.
LIMITS = {
    "release of 100 more, until the portal shows one": 10,
    "release without 100, until the portal shows none": 60,
}


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """The steps of `tests.bench.releases` on SQLite and on PostgreSQL."""
    program, count = "tests.bench.releases", str(RECORDS)
    return {
        "SQLite": measure(program, count, str(work / "releases")),
        "PostgreSQL": measure(program, count, str(work / "releases-pg"), postgres),
    }


def show(figures: Figures, console: Console) -> None:
    """The steps, and the peaks of memory of the whole process: ledger, review and release."""
    show_steps(f"Releases of {RECORDS:,} penalties", figures, LIMITS, console)
