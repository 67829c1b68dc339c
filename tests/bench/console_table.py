"""The table of the bench on the console: its pages with 1,000,000 revisions, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 1_000_000
MOST = 150  # milliseconds at p95


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """The pages of `tests.bench.console` on SQLite and on PostgreSQL."""
    program, count = "tests.bench.console", str(RECORDS)
    return {
        "SQLite": measure(program, count, str(work / "console")),
        "PostgreSQL": measure(program, count, str(work / "console-pg"), postgres),
    }


def show(figures: Figures, console: Console) -> None:
    """A row for each page: p50 and p95, and the median of the process's own time, in milliseconds."""
    table = Table(title=f"Console with {RECORDS:,} revisions and disclosures, ms a page")
    table.add_column("page")
    for database in figures:
        for word in ("p50", "p95", "own time"):
            table.add_column(f"{database} {word}", justify="right")
    table.add_column("p95 at most", justify="right")
    for page, told in next(iter(figures.values()))["pages"].items():
        cells = [
            f"{one['pages'][page][word]:.0f}"
            for one in figures.values()
            for word in ("p50", "p95", "cpu")
        ]
        table.add_row(page, *cells, str(MOST) if told["limited"] else "")
    console.print(table)
