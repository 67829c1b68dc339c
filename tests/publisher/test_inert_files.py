"""Formulas through a whole release: LibreOffice calculates nothing and shows what was published."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from lxml import etree

from publisher.release import build_release
from tests.publisher.payloads import ALTERED, FORMULAS, PLAIN_NUMBERS
from tests.publisher.samples import field, standard
from tests.services.office import Cell, opened

VALUES = [*FORMULAS, *ALTERED, *PLAIN_NUMBERS]
MEANT = standard(
    field("name", "名称", required=True),
    field("facts", "事实"),
    field("kinds", "类别", "list"),
    field("amount", "金额", "decimal"),
    field("signed_on", "日期", "date"),
    dataset="inert_sample",
)
_CSV = "CSV:44,34,76,1,,0,false,true"  # comma, quotes, UTF-8, numbers recognised, from line 1
_FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release with every payload in every field that takes a text."""
    rows = [
        {"record_id": f"r{n:04}", "name": value, "facts": value, "kinds": [value, "甲"],
         "amount": "-1250.5", "signed_on": "2025-03-04"}
        for n, value in enumerate(VALUES)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema={"record_id": pl.String, **MEANT.dtypes})
    return build_release(tmp_path_factory.mktemp("inert"), MEANT, frame).path


def formulas(path: Path) -> int:
    """Cells with a formula anywhere in the workbook, and other parts that could run."""
    count = 0
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            assert "vba" not in name and "externalLink" not in name
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                count += sum(1 for _ in etree.fromstring(book.read(name)).iter(_FORMULA))
    return count


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The cells of the first sheet by record, in the order of the payloads."""
    rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows())
    names = [cell.value for cell in rows[0]]
    found = [dict(zip(names, row, strict=True)) for row in rows[1:]]
    return sorted(found, key=lambda row: row["记录标识"].value)


def plain(value: Any) -> str:
    """A text without what a cell can't keep: NUL, other controls, and which line end it was.

    openpyxl leaves the characters' numbers as they stand in the file.
    """
    found = str(value or "")
    return cleaned(re.sub("_x([0-9A-Fa-f]{4})_", lambda number: chr(int(number[1], 16)), found))


def cleaned(text: str) -> str:
    return re.sub("[\\x00\\x0b\\x0c\\r\\n]", "", text)


def test_enough_is_tried() -> None:
    assert len(FORMULAS) >= 300


def test_the_workbook_holds_texts_and_no_formula(made: Path, figures: dict[str, int]) -> None:
    assert formulas(made / "records.xlsx") == 0
    for value, row in zip(VALUES, rows_of(made / "records.xlsx"), strict=True):
        for title in ("名称", "事实"):
            assert row[title].data_type == "s"
            assert plain(row[title].value) == cleaned(value)
        assert (row["金额"].data_type, row["金额"].value) == ("n", -1250.5)
        assert row["日期"].is_date
    figures["formula payloads through a release"] = len(FORMULAS)


def by_record(rows: list[list[Cell]]) -> list[dict[str, Cell]]:
    """The records in the order of the payloads."""
    names = [cell.text for cell in rows[0]]
    found = [dict(zip(names, row, strict=False)) for row in rows[1:] if len(row) >= len(names)]
    return sorted(found, key=lambda row: row["记录标识"].text)


def test_libreoffice_opens_the_workbook_and_calculates_nothing(made: Path, tmp_path: Path) -> None:
    rows = opened(made / "records.xlsx", tmp_path)
    assert not [cell for row in rows for cell in row if cell.formula]
    for value, row in zip(VALUES, by_record(rows), strict=True):
        assert row["名称"].kind == "string"
        assert cleaned(row["名称"].text) == cleaned(value)
        assert cleaned(row["类别"].text) == cleaned(f"{value}；甲")
        assert (row["金额"].kind, row["金额"].value) == ("float", "-1250.5")
        assert (row["日期"].kind, row["日期"].value) == ("date", "2025-03-04")


def test_libreoffice_opens_the_csv_and_calculates_nothing(made: Path, tmp_path: Path) -> None:
    rows = opened(made / "records-excel.csv", tmp_path, f"--infilter={_CSV}")
    assert not [cell for row in rows for cell in row if cell.formula]
    for value, row in zip(VALUES, by_record(rows), strict=True):
        cell = row["名称"]
        if value in PLAIN_NUMBERS:
            assert (cell.kind, float(cell.value or "")) == ("float", float(value))
        else:
            assert cell.kind == "string", value
            shown = cleaned(cell.text)
            assert shown in (cleaned(value), "'" + cleaned(value), value + "\t"), value
        assert (row["金额"].kind, row["金额"].value) == ("float", "-1250.5")
