"""A table of seconds by step, a column for each database, beside what a step may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show_steps(
    title: str, figures: Mapping[str, Any], limits: Mapping[str, float], console: Console
) -> None:
    """`figures`: database → {steps: {step: seconds}, peak_mb}; `limits`: step → seconds."""
    table = Table(title=f"{title}, seconds")
    for name in ("step", *figures, "at most"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for step in next(iter(figures.values()))["steps"]:
        limit = limits.get(step)
        row = [f"{found['steps'][step]:.2f}" for found in figures.values()]
        table.add_row(step, *row, "" if limit is None else str(limit))
    table.add_row("peak MB", *(f"{found['peak_mb']:.0f}" for found in figures.values()), "")
    console.print(table)
