"""records.xlsx: typed cells that say what was published, on as many sheets as it takes."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from openpyxl.worksheet.worksheet import Worksheet

from publisher.columns import release_columns
from publisher.formats import workbook
from publisher.formats.text_cell import CUT, MOST
from tests.publisher.samples import PENALTIES, ROWS, field, view
from tests.publisher.test_formats import MIXED, Record, frame_of, numbered, records

FIELDS = release_columns(PENALTIES, view())
CREATED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def write(path: Path, rows: pl.DataFrame, **more: Any) -> Path:
    fields = more.pop("fields", {n: FIELDS[n] for n in rows.columns if n in FIELDS})
    workbook.write(path, PENALTIES, fields, rows.iter_slices(2), **more)
    return path


def sheet_of(path: Path, name: str = "记录") -> Worksheet:
    return openpyxl.load_workbook(path)[name]


def cells(path: Path) -> dict[str, dict[str, Any]]:
    rows = list(sheet_of(path).iter_rows())
    names = [cell.value for cell in rows[0]]
    return {row[0].value: dict(zip(names, row, strict=True)) for row in rows[1:]}


def test_cells_have_types_and_nothing_is_altered(tmp_path: Path) -> None:
    found = cells(write(tmp_path / "t.xlsx", view()))
    assert found["c3"]["统一社会信用代码"].value == "914409021949210181"
    assert found["c3"]["统一社会信用代码"].data_type == "s"
    assert found["a1"]["决定日期"].value == datetime(2023, 5, 6)  # noqa: DTZ001
    assert found["a1"]["决定日期"].number_format == "yyyy-mm-dd"
    assert found["d4"]["罚款金额"].value == 1234567.123456
    assert found["b2"]["违法事实"].value == "=1+1"
    assert found["b2"]["违法事实"].data_type == "s"
    assert found["a1"]["处罚类别"].value == "罚款；没收违法所得"
    assert found["d4"]["是否复议"].value == "是"
    assert found["d4"]["份数"].value == -1
    assert found["b2"]["份数"].value is None


@settings(max_examples=20, deadline=None)
@given(records)
def test_every_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Record]
) -> None:
    path = tmp_path_factory.mktemp("book") / "t.xlsx"
    write(path, frame_of(numbered(rows)), fields=MIXED)
    for record, row in zip(numbered(rows), list(sheet_of(path).iter_rows())[1:], strict=True):
        text = record["text"] or None
        assert row[1].value is None if text is None else row[1].data_type == "s"
        if text and text.isprintable() and "_x" not in text:
            assert row[1].value == text
        count = record["count"]
        assert row[3].value == (count if count is None or abs(count) < 10**15 else str(count))


def test_numbers_and_days_that_a_spreadsheet_would_alter_are_texts(tmp_path: Path) -> None:
    fields = {
        "amount": field("amount", "金额", "decimal"),
        "day": field("day", "日期", "date"),
        "code": field("code", "代码"),
    }
    rows = pl.DataFrame(
        {"amount": ["0.1234567890123456", "12345678901234.5", "-0.50"],
         "day": ["1899-12-31", "1900-03-01", "9999-12-31"], "code": ["0012", "1-2", "1E5"]}
    )  # fmt: skip
    found = list(sheet_of(write(tmp_path / "t.xlsx", rows, fields=fields)).iter_rows(min_row=2))
    assert [row[0].value for row in found] == ["0.1234567890123456", 12345678901234.5, -0.5]
    assert [row[1].data_type for row in found] == ["s", "d", "d"]
    assert found[0][1].value == "1899-12-31"
    assert [row[2].value for row in found] == ["0012", "1-2", "1E5"]


def test_a_text_is_no_markup_and_a_long_one_says_that_it_was_cut(tmp_path: Path) -> None:
    markup = '<r></is></c><c r="A1"><f>1+1</f></c><c><is></r>'
    rows = pl.DataFrame({"record_id": ["1", "2"], "facts": [markup, "长" * (MOST + 1)]})
    path = write(tmp_path / "t.xlsx", rows)
    found = cells(path)
    assert found["1"]["违法事实"].value == markup
    assert found["2"]["违法事实"].value == "长" * (MOST - len(CUT)) + CUT
    with zipfile.ZipFile(path) as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_more_records_than_a_sheet_takes_go_on_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "RECORDS", 3)
    rows = pl.DataFrame({"record_id": [str(n) for n in range(7)]})
    path = write(tmp_path / "t.xlsx", rows)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["记录", "说明", "记录2", "记录3"]
    told = [[cell.value for cell in book[n]["A"]] for n in ("记录", "记录2", "记录3")]
    assert told == [["记录标识", *part] for part in (["0", "1", "2"], ["3", "4", "5"], ["6"])]
    assert book["记录2"].auto_filter.ref == "A1:A4" and book["记录2"].freeze_panes == "A2"


def test_it_says_what_it_holds(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", view(), licence="署名即可使用", created=CREATED)
    told = [[cell.value for cell in row] for row in sheet_of(path, "说明").iter_rows()]
    words = {row[0]: row[1] for row in told}
    assert words["来源"] == "市市场监督管理局"
    assert words["声明"] == "仅供试验"
    assert words["使用许可"] == "署名即可使用"
    columns = [row[0] for row in told]
    start = columns.index("字段")
    assert columns[start + 1 :] == [name for name in FIELDS if name != "salt"]
    properties = openpyxl.load_workbook(path).properties
    assert (properties.title, properties.created) == ("行政处罚样例", CREATED.replace(tzinfo=None))


def test_the_same_records_make_the_same_bytes(tmp_path: Path) -> None:
    one, other = (
        write(tmp_path / name, view(), created=CREATED).read_bytes()
        for name in ("1.xlsx", "2.xlsx")
    )
    assert one == other and len(ROWS) == 4


def test_no_records_make_a_workbook_too(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", view().clear())
    assert sheet_of(path).max_row == 1


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        write(tmp_path / "gone" / "t.xlsx", view())
