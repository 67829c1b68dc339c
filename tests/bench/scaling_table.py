"""The table of the bench on workers: many feeds with one worker and with two, each held to one core."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.services.postgres_server import fresh_database

Figures = dict[str, Any]
Measure = Callable[..., Figures]

FEEDS, ROWS, ROUNDS = 40, 20_000, 3
LEAST = 1.6  # times as quick with two


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """One and two in turns, each on a fresh site and database."""
    server = f"{postgres.rpartition('/')[0]}/postgres"
    rounds = []
    for turn in range(ROUNDS):
        for workers in (1, 2):
            with fresh_database(server) as url:
                words = (str(work / f"site{turn}{workers}"), str(workers), str(FEEDS), str(ROWS))
                rounds.append(measure("tests.bench.scaling", url, *words))
    return {"rounds": rounds}


def show(figures: Figures, console: Console) -> None:
    table = Table(title=f"{FEEDS} feeds of {ROWS:,} rows into four datasets; PostgreSQL, Redis")
    names = ("workers", "s", "rows/s", "processor of workers, s", "of PostgreSQL, s")
    for name in names:
        table.add_column(name, justify="right")
    for one in figures["rounds"]:
        table.add_row(
            str(one["workers"]),
            str(one["seconds"]),
            f"{one['rows_per_s']:,}",
            " + ".join(map(str, one["worker_processor_s"])),
            str(one["database_processor_s"]),
        )
    console.print(table)
    for first, second in zip(figures["rounds"][::2], figures["rounds"][1::2], strict=True):
        ratio = first["seconds"] / second["seconds"]
        console.print(f"{ratio:.2f} times as quick with two (at least {LEAST})")
