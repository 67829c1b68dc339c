"""The table of the bench on formats: a release's files beside what Polars alone takes for three."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench import formats

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 1_000_000
ROUNDS = 3
MOST, MOST_MB = 1.5, 700  # times the seconds of Polars alone; MB at the peak


def measure_part(measure: Measure, work: Path, _url: str = "") -> Figures:
    """Both sides turn by turn, so that a machine that drifts doesn't matter; then the rest once.

    FORMATS_SOURCE names another Parquet file of texts than the bench's own penalties.
    """
    program = "tests.bench.formats"
    given = os.environ.get("FORMATS_SOURCE")
    source = Path(given) if given else work / "source.parquet"
    if not given:
        measure(program, "source", str(source), str(RECORDS))
    found = []
    for turn in range(ROUNDS):
        sides = ("polars", "ours") if turn % 2 == 0 else ("ours", "polars")
        found.append({s: measure(program, s, str(source), str(work / "out")) for s in sides})
    ratios = [one["ours"]["seconds"] / one["polars"]["seconds"] for one in found]
    return {
        "rounds": found,
        "ratio": round(statistics.median(ratios), 2),
        "ratio_of_cpu": round(
            statistics.median(one["ours"]["cpu"] / one["polars"]["cpu"] for one in found), 2
        ),
        "peak_mb": max(one["ours"]["peak_mb"] for one in found),
        "each": measure(program, "each", str(source), str(work / "out")),
        "workbook": measure(program, "workbook", str(source), str(work / "out")),
    }


def show(figures: Figures, console: Console) -> None:
    table = Table(title=f"{RECORDS:,} records as files, seconds (median of rounds)")
    for name in ("", "s", "cpu s", "peak MB"):
        table.add_column(name, justify="right" if name else "left")
    for side in ("polars", "ours"):
        rounds = [one[side] for one in figures["rounds"]]
        medians = [statistics.median(one[name] for one in rounds) for name in ("seconds", "cpu")]
        peak = max(one["peak_mb"] for one in rounds)
        what = (
            "Polars: CSV, JSON Lines, Parquet"
            if side == "polars"
            else "a release's files but XLSX"
        )
        table.add_row(what, *(f"{value:.2f}" for value in medians), str(peak))
    for name, seconds in figures["each"]["steps"].items():
        table.add_row(f"  {name}, in memory, per million", "", f"{seconds:.2f}", "")
    book = figures["workbook"]
    told = f"XLSX of {formats.WORKBOOK_RECORDS:,}"
    table.add_row(told, f"{book['seconds']:.2f}", f"{book['cpu']:.2f}", str(book["peak_mb"]))
    console.print(table)
    console.print(f"{figures['ratio']:5.2f}  release / Polars alone, seconds (at most {MOST})")
    console.print(f"{figures['ratio_of_cpu']:5.2f}  … of processor time")
    console.print(f"{figures['peak_mb']:5}  MB at the peak (at most {MOST_MB})")
