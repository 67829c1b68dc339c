"""The table of the bench on streams: a million penalties, taken and sealed, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.bench.steps_table import show_steps

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 1_000_000
LEAST = 100_000  # entries a second
_SECONDS = RECORDS / LEAST
#: Step → seconds that it may take; the others have no limit set.
LIMITS = {
    "entries taken from the ledger": _SECONDS,
    "… and sealed": _SECONDS,
    "100 proofs of inclusion": 0.5,
    "taken and sealed by one job": _SECONDS,
}


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """The steps of `tests.bench.sealing` on SQLite and on PostgreSQL."""
    program, count = "tests.bench.sealing", str(RECORDS)
    return {
        "SQLite": measure(program, count, str(work / "sealing")),
        "PostgreSQL": measure(program, count, str(work / "sealing-pg"), postgres),
    }


def show(figures: Figures, console: Console) -> None:
    """The steps, and the peaks of memory without those of filling the ledger."""
    show_steps(f"Streams of {RECORDS:,} penalties", figures, LIMITS, console)
