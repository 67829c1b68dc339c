"""The table of the bench on search, beside a plain LIKE scan of the same texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

RECORDS = 1_000_000
SLOWEST = 50  # milliseconds at p95
FEWEST = 100_000  # records a second


def measure_part(measure: Measure, work: Path, _postgres: str) -> Figures:
    """Building, continuing and asking the index of a million records."""
    folder, program = work / "search", "tests.bench.searching"
    folder.mkdir()
    measure(program, "make", str(folder), str(RECORDS))
    steps = {step: measure(program, step, str(folder)) for step in ("build", "update", "ask")}
    return {"records": RECORDS, **steps}


def show(figures: Figures, console: Console) -> None:
    build, update, ask = figures["build"], figures["update"], figures["ask"]
    rate = figures["records"] / build["seconds"]
    console.print(
        f"search: {figures['records']:,} records indexed in {build['seconds']:.1f} s, {rate:,.0f}/s (at "
        f"least {FEWEST:,}), {build['processor_s']:.1f} s of processors, {build['mb']:.0f} MB, peak "
        f"{build['peak_mb']:.0f} MB; 100 put and 20 removed in {update['seconds']:.2f} s (at most 3), "
        f"peak {update['peak_mb']:.0f} MB"
    )
    table = Table(title="total count and first page, milliseconds")
    for name in (
        "",
        "p50",
        f"p95 (at most {SLOWEST})",
        "processor p95",
        "LIKE p50",
        "LIKE / ours",
    ):
        table.add_column(name, justify="right" if name else "left")
    for kind, told in ask["kinds"].items():
        like = told.get("like_p50")
        beside = (f"{like:.0f}", f"{like / told['p50']:.0f}") if like else ("", "")
        times = (f"{told[name]:.1f}" for name in ("p50", "p95", "processor_p95"))
        table.add_row(kind, *times, *beside)
    console.print(table)
    console.print(
        f"{ask['paging']['ratio']:5.2f}  page 10,000 / page 1 (at most 1.5)\n"
        f"{ask['facets']['p95']:5.1f}  ms with facets, p95; {ask['opened']:.0f} ms to open once, "
        f"peak {ask['peak_mb']:.0f} MB"
    )
