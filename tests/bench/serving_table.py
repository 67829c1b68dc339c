"""The table of the bench on serving: requests a second beside Datasette and a real CKAN."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 1_000_000
LEAST = {"datasette": 3, "ckan": 20}


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """Both peers, one after the other."""
    return {
        "datasette": measure("tests.bench.serving", str(RECORDS), str(work / "serving")),
        "ckan": measure(
            "tests.bench.serving_ckan", str(RECORDS), str(work / "serving-ckan"), postgres
        ),
    }


def show(figures: Figures, console: Console) -> None:
    """A row for each kind of request."""
    table = Table(title="Requests a second on two cores, the load among them")
    for name in ("", "peer", "ours", "the peer's", "ratio", "at least", "errors"):
        table.add_column(name, justify="left" if name in ("", "peer") else "right")
    for peer, told in figures.items():
        for kind, one in told["kinds"].items():
            rates = f"{one['ours']:,}", f"{one[peer]:,}", f"{one['ratio']:.1f}"
            what = f"{kind}, {told['records']:,} records"
            table.add_row(what, peer, *rates, str(LEAST[peer]), str(one["errors"]))
    console.print(table)
