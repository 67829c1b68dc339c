"""双公示 workbooks: one for each part of a delivery, and beside it what its contents must add up to."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import orjson
import polars as pl
from xlsxwriter.workbook import Workbook

from hub.outbound import parcel
from hub.outbound.file_names import file_name
from hub.outbound.target import Target
from publisher.formats.text_cell import write_text

CONTROL = ".json"  # behind the workbook's name
FLOW_TITLE = "数据标识"
_UNDATED = datetime(1980, 1, 1, tzinfo=UTC)  # so that the same rows are the same bytes
_EXACT = pl.Decimal(38, 6)


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """`control` is JSON: file, rows, operations, sums of amounts in 万元, SHA-256 of `content`."""

    name: str
    content: bytes
    control: bytes


def files_of(target: Target, one: parcel.Parcel) -> Iterator[OutgoingFile]:
    """The files of a parcel, by part; the same parcel gives the same bytes."""
    for (part,), rows in one.rows.group_by(parcel.PART, maintain_order=True):
        name = file_name(target, str(part), one.name or "")
        content = workbook(target, rows)
        yield OutgoingFile(name, content, control(target, name, rows, content))


def workbook(target: Target, rows: pl.DataFrame) -> bytes:
    """The rows under the province's headings; every cell is a text."""
    made = io.BytesIO()
    book = Workbook(made, {"constant_memory": True, "in_memory": True})
    book.set_properties({"created": _UNDATED, "title": target.table.title["zh"]})
    sheet = book.add_worksheet("Sheet1")
    bold = book.add_format({"bold": True})
    for place, title in enumerate(headings(target)):
        write_text(sheet, 0, place, title, bold)
    for line, row in enumerate(_cells(target, rows).iter_rows(), 1):
        for place, text in enumerate(row):
            if text:
                write_text(sheet, line, place, text)
    book.close()
    return made.getvalue()


def headings(target: Target) -> list[str]:
    """Titles of the columns, in order."""
    table = target.table
    return [*(one.title for one in table.columns.values()), table.operation.title, FLOW_TITLE]


def _cells(target: Target, rows: pl.DataFrame) -> pl.DataFrame:
    words = target.table.operation.words
    operation = pl.col(parcel.OPERATION).replace_strict(words)
    return rows.select(*target.table.names, operation, parcel.FLOW)


def control(target: Target, name: str, rows: pl.DataFrame, content: bytes) -> bytes:
    """The side file."""
    operations = dict(rows[parcel.OPERATION].value_counts().iter_rows())
    told = {
        "file": name,
        "rows": rows.height,
        "operations": {one: operations.get(one, 0) for one in target.table.operation.words},
        "amounts_wan": {column: _sum(rows[column]) for column in target.table.amounts},
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"


def _sum(amounts: pl.Series) -> str:
    total = amounts.cast(_EXACT).sum()
    return format(Decimal(str(total or 0)).normalize(), "f")
