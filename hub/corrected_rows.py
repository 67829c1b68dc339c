"""Corrected rows as they come back: a workbook, or what somebody changed in a form of the console."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import orjson

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.quarantine_book import CorrectedRow, read_book

FORM = ".json"  # how the name of a form's rows ends


def read_rows(path: Path) -> tuple[str, list[CorrectedRow]]:
    """(feed, rows) of a workbook, or of a file that `form_rows` made; raises as `read_book`."""
    if path.suffix != FORM:
        return read_book(path)
    try:
        told = orjson.loads(path.read_bytes())
        rows = told["rows"].items()
        return str(told["feed"]), [
            CorrectedRow(number, cells, part=True) for number, cells in rows
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Misdeclared(Issue("correction_foreign", file=path.name)) from error


def form_rows(feed: str, rows: Mapping[str, Mapping[str, str]]) -> bytes:
    """What a form changed: number of a row (`run:place`) → source column → cell."""
    return orjson.dumps({"feed": feed, "rows": {n: dict(cells) for n, cells in rows.items()}})
