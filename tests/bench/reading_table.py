"""The third table of the bench: reading deliveries, beside their limits and peers."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.reading import WAYS

Figures = dict[str, Any]
Measure = Callable[..., Figures]

#: What is held against what, and the least that it should be (rows per second).
RATIOS = (
    ("csv", "csv-limit", 0.5),
    ("xlsx", "xlsx-limit", 0.8),
    ("xml", "xml-limit", 1.0),
    ("sql", "sql-limit", 0.7),
    ("csv", "csv-dlt", 5),
    ("csv", "csv-frictionless", 30),
)
TITLES = {
    "csv": "CSV → validated batches",
    "csv-limit": "Polars read_csv, all text",
    "csv-dlt": "dlt → JSON Lines, rows checked by jsonschema-rs",
    "csv-frictionless": "frictionless validate",
    "xlsx": "workbook → raw batches",
    "xlsx-limit": "Polars read_excel (calamine)",
    "xml": "XML → raw batches",
    "xml-limit": "lxml iterparse → dictionaries",
    "sql": "PostgreSQL → raw batches",
    "sql-limit": "bare COPY … TO STDOUT",
}


def read_deliveries(measure: Measure, work: Path, postgres: str, rounds: int) -> Figures:
    """Medians of all ways, and of their ratios round by round."""
    folder = work / "reading"
    folder.mkdir()
    measure("tests.bench.reading", "make", str(folder))
    found = [_round(measure, folder, postgres) for _ in range(rounds)]
    speed = [{way: f["rows"] / f["seconds"] for way, f in one.items()} for one in found]
    medians = {
        TITLES[way]: {
            "rows": found[0][way]["rows"],
            "seconds": round(statistics.median(one[way]["seconds"] for one in found), 2),
            "rows_per_s": round(statistics.median(one[way] for one in speed)),
            "peak_mb": round(max(one[way]["peak_mb"] for one in found)),
        }
        for way in TITLES
    }
    ratios = {
        f"{TITLES[mine]} / {TITLES[other]} (at least {least})": round(
            statistics.median(one[mine] / one[other] for one in speed), 2
        )
        for mine, other, least in RATIOS
    }
    return {"medians": medians, "ratios": ratios}


def _round(measure: Measure, folder: Path, postgres: str) -> dict[str, Figures]:
    made = {way: measure("tests.bench.reading", way, str(folder)) for way in WAYS}
    sql = measure("tests.bench.sources", postgres)
    made["sql"] = {"rows": sql["rows"], "seconds": sql["batches"], "peak_mb": sql["peak_mb"]}
    made["sql-limit"] = {"rows": sql["rows"], "seconds": sql["copy"], "peak_mb": 0}
    return made


def show(result: Figures, console: Console) -> None:
    table = Table(title="reading deliveries of 25 columns")
    for name in ("", "rows", "s", "rows/s", "peak MB"):
        table.add_column(name, justify="right" if name else "left")
    for name, words in result["medians"].items():
        table.add_row(
            name,
            f"{words['rows']:,}",
            f"{words['seconds']:.2f}",
            f"{words['rows_per_s']:,}",
            f"{words['peak_mb']:,}",
        )
    console.print(table)
    for name, value in result["ratios"].items():
        console.print(f"{value:7.2f}  {name}")
