"""The table of the bench on food trace: chains out of 5,000,000 rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

SIZE = 5_000_000
MOST = 200  # milliseconds, 95th percentile


def measure_part(measure: Measure, _work: Path, _postgres: str) -> Figures:
    """One process that makes the ledger, fills the index, and asks."""
    return measure("tests.bench.trace_millions", str(SIZE))


def show(figures: Figures, console: Console) -> None:
    table = Table(
        title=f"Food trace, {figures['rows']:,} rows; milliseconds where nothing else is said"
    )
    for name in ("", "p50", "p95"):
        table.add_column(name, justify="right" if name else "left")
    for name, one in figures.items():
        if isinstance(one, dict):
            table.add_row(name, str(one["p50"]), str(one["p95"]))
        elif name != "rows":
            table.add_row(name, f"{one:,}", "")
    console.print(table)
    console.print(f"at most {MOST} at p95: forward, backward, whole batch")
