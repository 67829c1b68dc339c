"""The table of the bench on disclosure: a million penalties, on both databases."""

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
    "clocks of all, in memory": 10,
    "clocks of all, from the ledger and compared": 10,
    "review 100,000 with a sample": 20,
    "approve 100,000 with a sample": 20,
    "daily sweep": 5,
}


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """The steps of `tests.bench.disclosure` on SQLite and on PostgreSQL."""
    program, count = "tests.bench.disclosure", str(RECORDS)
    return {
        "SQLite": measure(program, count, str(work / "disclosure")),
        "PostgreSQL": measure(program, count, str(work / "disclosure-pg"), postgres),
    }


def show(figures: Figures, console: Console) -> None:
    show_steps(f"Disclosure of {RECORDS:,} penalties", figures, LIMITS, console)
