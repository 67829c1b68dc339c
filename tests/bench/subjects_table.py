"""The part `subjects`: its measurement on SQLite, and its table."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
SUBJECTS = 1_000_000  # HUB_BENCH_SUBJECTS says otherwise
TARGETS = {
    "full_s": "at most 120 at 1,000,000",
    "increment_s": "at most 5",
    "file_p95_ms": "at most 100",
}


def measure_part(measure: Callable[..., Figures], work: Path, _postgres: str) -> Figures:
    """The figures of tests.bench.subjects."""
    many = int(os.environ.get("HUB_BENCH_SUBJECTS", SUBJECTS))
    return measure("tests.bench.subjects", str(many), str(work))


def show(found: Figures, console: Console) -> None:
    """Each figure beside its target."""
    table = Table(title="One subject, one file")
    for name in ("figure", "value", "target"):
        table.add_column(name, justify="right" if name == "value" else "left")
    for name, value in found.items():
        table.add_row(name, f"{value:,}", TARGETS.get(name, ""))
    console.print(table)
