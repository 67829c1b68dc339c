"""The table of the bench on the exchange: beside nginx, beside CKAN, and a hundred consumers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 16 * 65_536  # whole segments
CKAN_RECORDS = 100_000
LEAST = {"nginx": "", "hub serve": "0.5", "nginx + hub serve": "0.9"}
MOST_MS = 250


def measure_part(measure: Measure, work: Path, postgres: str) -> Figures:
    """The exchange, then CKAN with a part of the rows; what counts is rows/s."""
    ours = measure("tests.bench.exchange", str(RECORDS), str(work / "exchange"), postgres)
    theirs = measure("tests.bench.exchange_ckan", str(CKAN_RECORDS), postgres)
    pulled = ours["records"] / ours["pulls"]["onto the disk"]["hub serve"]["seconds"]
    best = max(theirs["rows_per_s"].values())
    ratios = {
        "full pull / CKAN": round(pulled / best, 1),
        "full pull, verified / CKAN": round(ours["verified"]["rows_per_s"] / best, 1),
    }
    return {"exchange": ours, "ckan": theirs, "ratios": ratios}


def show(figures: Figures, console: Console) -> None:
    """Three tables: pulls, polls, CKAN."""
    ours = figures["exchange"]
    for table in (_pulls(ours), _polls(ours), _others(figures)):
        console.print(table)


def _pulls(ours: Figures) -> Table:
    size = f"{ours['bytes'] / 1e6:,.0f} MB in {ours['segments']} segments"
    table = Table(title=f"Full pull of {ours['records']:,} entries, {size}")
    for name in ("served by", "taken", "s", "MB/s", "of nginx", "at least"):
        table.add_column(name, justify="left" if name in ("served by", "taken") else "right")
    for kind, served in ours["pulls"].items():
        for name, one in served.items():
            rates = f"{one['seconds']:.3f}", f"{one['mb_per_s']:,}", f"{one['of_nginx']:.2f}"
            table.add_row(name, kind, *rates, LEAST[name])
    return table


def _polls(ours: Figures) -> Table:
    table = Table(title=f"100 consumers at the tail; p99 at most {MOST_MS} ms")
    names = ("database", "polling", "requests/s", "p50 ms", "p99 ms", "most ms", "new entry seen, p99 ms",
             "most ms")  # fmt: skip
    for name in names:
        table.add_column(name, justify="left" if name in ("database", "polling") else "right")
    keys = ("requests_per_s", "p50_ms", "p99_ms", "most_ms", "visible_p99_ms", "visible_most_ms")
    for database, kinds in ours["polls"].items():
        for kind, one in kinds.items():
            table.add_row(database, kind, *(f"{one[key]:,}" for key in keys))
    return table


def _others(figures: Figures) -> Table:
    ours, theirs = figures["exchange"], figures["ckan"]
    table = Table(title=f"Entries a second; CKAN has {theirs['records']:,} of the rows")
    table.add_column("")
    table.add_column("rows/s", justify="right")
    table.add_row("entries taken into a stream", f"{ours['extend_per_s']:,}")
    table.add_row("entries sealed (at least 100,000)", f"{ours['seal_per_s']:,}")
    table.add_row("hub.consume, everything verified", f"{ours['verified']['rows_per_s']:,}")
    for size, rate in theirs["rows_per_s"].items():
        table.add_row(f"CKAN datastore_search, {int(size):,} rows a page", f"{rate:,}")
    for name, ratio in figures["ratios"].items():
        table.add_row(f"{name} (at least 50 for the first)", f"{ratio} ×")
    return table
