"""The table of the bench on credit classes: a whole computing, and a day's, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

SUBJECTS = 1_000_000  # five records for each
AT_MOST = {"whole": 120, "next day, nothing new": 5, "1000 new records": 5}  # seconds


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """What `tests.bench.credit` measures, on SQLite and on PostgreSQL."""
    program, count = "tests.bench.credit", str(SUBJECTS)
    return {
        "SQLite": measure(program, count, str(work / "credit")),
        "PostgreSQL": measure(program, count, str(work / "credit-pg"), postgres),
    }


def show(figures: Figures, console: Console) -> None:
    """A row for each kind of computing, in seconds."""
    one = next(iter(figures.values()))
    table = Table(
        title=f"Credit of {one['subjects']:,} subjects with {one['records']:,} records, s"
    )
    table.add_column("computing")
    for database in figures:
        table.add_column(database, justify="right")
    table.add_column("at most", justify="right")
    for name in one:
        if name not in ("subjects", "records"):
            cells = [str(told[name]) for told in figures.values()]
            table.add_row(name, *cells, str(AT_MOST.get(name, "")))
    console.print(table)
