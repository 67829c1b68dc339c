"""A scoreboard as a file that a spreadsheet program opens: BOM, CRLF, titles and names beside codes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.language import DEFAULT_LOCALE
from hub.scoreboard import BOARD
from hub.scoreboard_words import dataset_names, department_names, titled
from publisher.formats.excel_csv import inert, text_kept

CODE = {"zh_CN": "代码", "en": "code"}


def write_csv(frame: pl.DataFrame, catalogue: Catalogue, path: Path, locale: str) -> None:
    """Write a board (`BOARD`) with headings and names in one language; raises OSError.

    Rates are decimals; an empty cell is a number that can't be told.
    """
    place = 0 if locale == DEFAULT_LOCALE else 1
    departments = {one: department_names(one)[place] for one in frame["department"].unique()}
    datasets = {one: dataset_names(catalogue, one)[place] for one in frame["dataset"].unique()}
    headings = {name: titled(name)[place] for name in BOARD}
    cells = [
        _named("department", departments, headings["department"]),
        pl.col("department").alias(f"{headings['department']} {CODE[locale]}"),
        _named("dataset", datasets, headings["dataset"]),
        pl.col("dataset").alias(f"{headings['dataset']} {CODE[locale]}"),
        text_kept(pl.col("month")).alias(headings["month"]),
    ]
    numbers = [pl.col(name).alias(headings[name]) for name in list(BOARD)[3:]]
    table = frame.select(*cells, *numbers)
    table.write_csv(path, include_bom=True, line_terminator="\r\n", float_precision=4)


def _named(column: str, names: dict[str, str], heading: str) -> pl.Expr:
    return inert(pl.col(column).replace(names)).alias(heading)
