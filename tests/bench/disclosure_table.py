"""The table of the bench on disclosure: a million penalties, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

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


def measure_disclosure(measure: Measure, work: Path, postgres: str) -> Figures:
    """The steps of `tests.bench.disclosure` on SQLite and on PostgreSQL."""
    program, count = "tests.bench.disclosure", str(RECORDS)
    return {
        "SQLite": measure(program, count, str(work / "disclosure")),
        "PostgreSQL": measure(program, count, str(work / "disclosure-pg"), postgres),
    }


def show(figures: Figures, console: Console) -> None:
    table = Table(title=f"Disclosure of {RECORDS:,} penalties, seconds")
    for name in ("step", *figures, "at most"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for step in next(iter(figures.values()))["steps"]:
        limit = LIMITS.get(step)
        row = [f"{found['steps'][step]:.2f}" for found in figures.values()]
        table.add_row(step, *row, "" if limit is None else str(limit))
    table.add_row("peak MB", *(str(found["peak_mb"]) for found in figures.values()), "")
    console.print(table)
