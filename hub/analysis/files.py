"""Records that were computed as files for a spreadsheet program."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from exchange_schemas.standard import AUDIENCES, Standard
from publisher.formats import excel_csv, workbook

GOVERNMENT = AUDIENCES[2]


def as_csv(standard: Standard, rows: pl.DataFrame) -> bytes:
    """CSV that Excel and WPS open as it is; `rows` have the standard's fields."""
    fields = standard.fields_for(GOVERNMENT)
    chosen = rows.select(list(fields))
    found = excel_csv.block(chosen, fields, pl.Series([""] * chosen.height, dtype=pl.String))
    return (
        excel_csv.head(standard, fields)
        + found.data
        + (excel_csv.SEPARATOR if rows.height else b"")
    )


def as_xlsx(standard: Standard, rows: pl.DataFrame) -> bytes:
    """An Excel workbook of the same."""
    fields = standard.fields_for(GOVERNMENT)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "records.xlsx"
        workbook.write(path, standard, fields, [rows.select(list(fields))])
        return path.read_bytes()
