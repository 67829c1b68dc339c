"""The second table of the bench: checking records, beside what others take for the same."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

WAYS = {
    "large": "ours, 100,000 rows at a time",
    "small": "ours, 20,000 rows at a time",
    "checks": "the same, with the checks across fields",
    "jsonschema": "jsonschema, all formats",
    "rs": "jsonschema-rs, date and date-time only",
    "rs-formats": "jsonschema-rs, all formats (Python functions)",
}
#: What is held against what, and the least that it should be.
RATIOS = (
    ("large", "jsonschema", 100),
    ("large", "rs-formats", 4),
    ("large", "rs", 4),
    ("small", "jsonschema", 100),
    ("small", "rs-formats", 4),
    ("small", "rs", 4),
)


def check_records(measure: Measure, work: Path, rounds: int) -> Figures:
    """Medians of all ways, and of their ratios round by round."""
    program, file = "tests.bench.checking", str(work / "records.parquet")
    measure(program, "make", file)
    found = [{way: measure(program, way, file) for way in WAYS} for _ in range(rounds)]
    speed = [{way: f["rows"] / f["seconds"] for way, f in one.items()} for one in found]
    medians = {
        WAYS[way]: {
            "rows": found[0][way]["rows"],
            "seconds": round(statistics.median(one[way]["seconds"] for one in found), 2),
            "rows_per_s": round(statistics.median(one[way] for one in speed)),
            "peak_mb": max(one[way]["peak_mb"] for one in found),
            "bad": found[0][way]["bad"],
            "issues": found[0][way]["issues"],
        }
        for way in WAYS
    }
    ratios = {
        f"{WAYS[ours]} / {WAYS[other]} (at least {least})": round(
            statistics.median(one[ours] / one[other] for one in speed), 1
        )
        for ours, other, least in RATIOS
    }
    return {"medians": medians, "ratios": ratios}


def show(result: Figures, console: Console) -> None:
    table = Table(title="checking records of 25 fields, 1 % of them bad")
    for name in ("", "rows", "s", "rows/s", "peak MB", "bad", "issues"):
        table.add_column(name, justify="right" if name else "left")
    for name, words in result["medians"].items():
        shown = (
            words["rows"],
            words["rows_per_s"],
            words["peak_mb"],
            words["bad"],
            words["issues"],
        )
        rows, speed, peak, bad, issues = (f"{number:,}" for number in shown)
        table.add_row(name, rows, f"{words['seconds']:.2f}", speed, peak, bad, issues)
    console.print(table)
    for name, value in result["ratios"].items():
        console.print(f"{value:7.1f}  {name}")
