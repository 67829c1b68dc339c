"""The table of the bench on a large ledger: the same questions at 1,000,000 and at 10,000,000 revisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

SMALL, LARGE = 1_000_000, 10_000_000
MOST = 2.0  # times the figure at the smaller size


def measure_part(measure: Measure, _work: Path, postgres: str) -> Figures:
    """One process that fills the ledger and looks at it twice; takes some twenty minutes."""
    return measure("tests.bench.ledger_millions", postgres, str(SMALL), str(LARGE))


def show(figures: Figures, console: Console) -> None:
    small, large = figures["sizes"][f"{SMALL:,}"], figures["sizes"][f"{LARGE:,}"]
    table = Table(title="PostgreSQL, the ledger in parts; milliseconds where nothing else is said")
    for name in ("", f"{SMALL:,}", f"{LARGE:,}", "ratio"):
        table.add_column(name, justify="right" if name else "left")
    for name in large:
        before, one = (_middle(figures[name]) for figures in (small, large))
        if isinstance(one, dict):
            table.add_row(name, str(before), str(one), "")
            continue
        ratio = before / one if name.endswith("rows/s") else one / before
        table.add_row(name, f"{before:,}", f"{one:,}", f"{ratio:.2f}")
    console.print(table)
    console.print(f"at most {MOST}: appending, pages, history, queues")


def _middle(figure: Any) -> Any:
    return figure["p50"] if isinstance(figure, dict) and "p50" in figure else figure
