"""The tables of the bench on trees: hashing, proofs at ten million entries, and reconciliation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Figures = dict[str, Any]
Measure = Callable[..., Figures]

LEAVES, ENTRIES = 10_000_000, 1_000_000
SLOWEST = 5  # milliseconds of a proof of inclusion
MOST_KB, MOST_SECONDS = 1_000, 2  # of ten differences in a million entries


def measure_part(measure: Measure, work: Path, _postgres: str) -> Figures:
    """Each step a process of its own."""
    tree, copy = work / "tree", work / "copy"
    tree.mkdir()
    copy.mkdir()
    program, other = "tests.bench.tree", "tests.bench.reconciling"
    return {
        "hash": measure(program, "hash"),
        "plant": measure(program, "plant", str(tree), str(LEAVES)),
        "prove": measure(program, "prove", str(tree)),
        "make": measure(other, "make", str(copy), str(ENTRIES)),
        "reconcile": measure(other, "run", str(copy)),
    }


def show(figures: Figures, console: Console) -> None:
    hashed, proved = figures["hash"], figures["prove"]
    for name in ("leaves", "nodes"):
        ours, plain = hashed[name]["seconds"], hashed[name]["hashlib"]
        console.print(
            f"tree: {name} of {hashed['entries']:,} entries in {ours:.2f} s; a loop over hashlib "
            f"takes {plain:.2f} s, {plain / ours:.1f} times as long"
        )
    table = Table(
        title=f"proofs at {proved['size']:,} entries, {proved['tail']:,} of them not sealed, milliseconds"
    )
    columns = ("p50", "p99", "processor p50", "processor p99")
    for name in ("", *columns):
        table.add_column(name, justify="right" if name else "left")
    for name, words in {
        "cold": f"inclusion, cold (at most {SLOWEST})",
        "warm": f"inclusion, warm (at most {SLOWEST})",
        "in the tail": "inclusion of what isn't sealed",
        "consistency": "consistency",
    }.items():
        table.add_row(words, *(f"{proved[name][column]:.1f}" for column in columns))
    console.print(table)
    _reconciled(figures["reconcile"], console)


def _reconciled(told: Figures, console: Console) -> None:
    for name, words in {
        "repair": f"{told['damaged']} differences found and repaired",
        "equal": "an equal copy looked at",
    }.items():
        one = told[name]
        rest = one["seconds"] - one["hashing_s"]
        console.print(
            f"reconciling {told['entries']:,} entries: {words} in {one['seconds']:.2f} s (at most "
            f"{MOST_SECONDS}), {one['hashing_s']:.2f} s of it reading and hashing the copy, {rest:.2f} s "
            f"all else; {one['processor_s']:.2f} s of processors here, {one['hub_s']:.2f} s in the hub "
            f"(at most {MOST_SECONDS}); {one['kb']:,.0f} kB (at most {MOST_KB:,}) in "
            f"{one['requests']} requests; {'right' if one['right'] else 'WRONG'}"
        )
