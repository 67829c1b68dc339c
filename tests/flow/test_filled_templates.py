"""The template of every standard, filled in by another program, comes back as the same records."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from adapters.artefact import Store
from adapters.feed_check import check_feed
from adapters.mapping import normalise
from adapters.pull import pull, read
from adapters.workbook_feed import workbook_feed
from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.choices import choices
from exchange_schemas.standard import Field, Standard
from publisher.template import NAMES, write_template

CATALOGUE = load_catalogue()
NAMES_ROW = NAMES + 1  # counted from 1, as openpyxl does


def samples(dataset: str) -> list[dict[str, Any]]:
    path = CATALOGUE.folders[dataset] / "samples" / "valid.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fill_in(path: Path, standard: Standard, records: list[dict[str, Any]]) -> None:
    """Write the records below the names, as a person would with a spreadsheet program."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[NAMES_ROW]]
    for row, record in enumerate(records, NAMES_ROW + 1):
        for column, name in enumerate(names, 1):
            if name in record:
                sheet.cell(row, column, as_filled(standard.fields[name], record[name]))
    book.save(path)


def as_filled(field: Field, value: Any) -> Any:
    match field.kind:
        case "list":
            return "；".join(value)
        case "boolean":
            return "是" if value else "否"
        case "date":
            return date.fromisoformat(value)
        case "datetime":
            return datetime.fromisoformat(value).replace(tzinfo=None)
        case "string":
            return choices(field).get(value, value)
    return value


def comparable(standard: Standard, record: dict[str, Any]) -> dict[str, Any]:
    """The record without what is empty, and with 12.50 and 12.5 alike."""
    return {
        name: Decimal(value) if standard.fields[name].kind == "decimal" else value
        for name, value in record.items()
        if value is not None
    }


@pytest.mark.parametrize("dataset", CATALOGUE.datasets())
def test_a_filled_template_gives_its_records(dataset: str, tmp_path: Path) -> None:
    standard, records = CATALOGUE.get(dataset), samples(dataset)
    path = tmp_path / f"{dataset}.xlsx"
    write_template(standard, records[0], path)
    fill_in(path, standard, records)
    feed = workbook_feed(path, CATALOGUE)
    assert check_feed(feed, CATALOGUE) == []
    raw = list(read(feed, pull(feed, Store(tmp_path / "raw")).artefact))
    batches = [normalise(feed, standard, batch) for batch in raw]
    assert pl.concat([batch.issues for batch in batches]).is_empty()
    rows = [row for batch in batches for row in batch.rows.drop(LINE).to_dicts()]
    assert [comparable(standard, row) for row in rows] == [
        comparable(standard, record) for record in records
    ]
