"""The table of the bench on publishing to a CKAN: two versions, two sizes of a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.services.ckan_server import NEXT_VERSION, VERSION

RECORDS = 20_000
_COLUMNS = {
    "version": "CKAN", "rows_a_call": "rows a call", "files": "files", "load_s": "load s",
    "rows_per_s": "rows/s", "verify_s": "verify s", "increment_s": "200 changes s",
    "unchanged_s": "nothing new s",
}  # fmt: skip


def measure_part(
    measure: Callable[..., list[dict[str, Any]]], _work: Path, postgres: str
) -> list[dict[str, Any]]:
    """The figures of `tests.bench.ckan`."""
    return measure("tests.bench.ckan", str(RECORDS), postgres, VERSION, NEXT_VERSION)


def show(figures: list[dict[str, Any]], console: Console) -> None:
    table = Table(title=f"{RECORDS:,} penalties pushed to a CKAN")
    for name, title in _COLUMNS.items():
        table.add_column(title, justify="left" if name in ("version", "files") else "right")
    for one in figures:
        table.add_row(*(str(one[name]) for name in _COLUMNS))
    console.print(table)
