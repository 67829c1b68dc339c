"""The efficiency view as a file that a spreadsheet program opens: BOM, CRLF, names beside codes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from exchange_schemas.language import DEFAULT_LOCALE
from hub.complaints.efficiency_words import code_names, titled
from publisher.formats.excel_csv import inert, text_kept

CODE = {"zh_CN": "代码", "en": "code"}


def write_csv(frame: pl.DataFrame, by: Sequence[str], path: Path, locale: str) -> None:
    """Write `efficiency.summed` with headings and names in one language; raises OSError."""
    place = 0 if locale == DEFAULT_LOCALE else 1
    cells = []
    for group in by:
        heading = titled(group)[place]
        names = {one: code_names(group, one)[place] for one in frame[group].unique()}
        cells.append(inert(pl.col(group).replace(names)).alias(heading))
        cells.append(text_kept(pl.col(group)).alias(f"{heading} {CODE[locale]}"))
    numbers = [pl.col(n).alias(titled(n)[place]) for n in frame.columns if n not in by]
    table = frame.select(*cells, *numbers)
    table.write_csv(path, include_bom=True, line_terminator="\r\n", float_precision=4)
