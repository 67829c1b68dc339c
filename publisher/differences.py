"""Which record of a damaged release is the wrong one: two files of it say the same records."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from exchange_schemas.record import canonical_column
from publisher.columns import RECORD_ID
from publisher.datapackage import CANONICAL

_LINES, _PACKAGE = "records.jsonl", "datapackage.json"
COMPARED = (CANONICAL, _LINES)


def first_difference(folder: Path, damaged: str) -> str | None:
    """The record id of the first row in which records.csv and records.jsonl differ.

    `damaged` is the one of the two whose digest is wrong; the id is taken from the other. None
    where they don't differ, or where the damage is such that they can't be compared.
    """
    try:
        table, lines = _table(folder), pl.read_lines(folder / _LINES, name="json")
    except (OSError, ValueError, KeyError, PolarsError):
        return None
    sound = _ids(lines["json"]) if damaged == CANONICAL else table[RECORD_ID]
    rows = min(table.height, lines.height)
    different = (table["json"].head(rows) != lines["json"].head(rows)).arg_true()
    first = int(different[0]) if different.len() else rows
    return sound[first] if first < sound.len() else None


def _table(folder: Path) -> pl.DataFrame:
    """record_id, and json (canonical JSON) of each row of records.csv."""
    schema = json.loads((folder / _PACKAGE).read_bytes())["resources"][0]["schema"]
    types = {field["name"]: field["type"] for field in schema["fields"]}
    cells = pl.read_csv(folder / CANONICAL, infer_schema=False)
    typed = cells.select(_typed(name, types[name]) for name in cells.columns)
    return typed.select(RECORD_ID).with_columns(canonical_column(typed, types).alias("json"))


def _typed(name: str, kind: str) -> pl.Expr:
    if kind == "integer":
        return pl.col(name).cast(pl.Int64)
    if kind == "boolean":
        return pl.col(name) == "true"
    if kind == "array":
        return pl.col(name).str.json_decode(pl.List(pl.String))
    return pl.col(name)


def _ids(lines: pl.Series) -> pl.Series:
    return lines.str.extract(f'"{RECORD_ID}":"([^"]*)"')
