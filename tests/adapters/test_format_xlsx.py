"""Workbooks: values as a person would type them, and everything told that they don't show."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.cell_text import number_text
from adapters.csv_header import EDGES
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_xlsx import read_xlsx
from adapters.rule import Rule
from exchange_schemas.batch import Batch
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk, Read
from tests.adapters.workbooks import SHEET, table, with_part, workbook, write

XLSX = {"kind": "xlsx"}


def read(desk: Desk, content: bytes, name: str = "d.xlsx", **told: Any) -> Read:
    return desk.read(content, name, **{"format": XLSX, **told})


def told(made: Read) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(i.code, i.line, i.params.get("cell"), i.value) for i in made.issues]


def test_values_are_text_as_a_person_would_type_them(desk: Desk) -> None:
    values = [
        "茂名",
        12,
        12.5,
        0.1 + 0.2,
        1e-7,
        -3.0,
        999_999_999_999_999,
        True,
        False,
        date(2026, 1, 31),
        datetime.fromisoformat("2026-01-31T08:05:07"),
        "0123",
        "#N/A",
        "_x0041_ ",
        "=1",
    ]
    content = table(["a", "b"], *[[value, "x"] for value in values])
    made = read(desk, content)
    assert made.rows["a"].to_list() == [
        "茂名", "12", "12.5", "0.3", "0.0000001", "-3", "999999999999999", "true", "false",
        "2026-01-31", "2026-01-31T08:05:07", "0123", "#N/A", "_x0041_ ", "=1",
    ]  # fmt: skip
    assert made.rows["_line"].to_list() == list(range(2, 17))
    assert made.issues == []


def test_times_and_durations(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_datetime(1, 0, time(8, 30), book.add_format({"num_format": "hh:mm"}))
        sheet.write_datetime(
            1, 1, timedelta(hours=26, minutes=30), book.add_format({"num_format": "[h]:mm:ss"})
        )

    assert read(desk, workbook(fill)).rows.row(0) == (2, "08:30:00", "26:30:00")


def test_midnight_is_a_time_where_times_are_shown(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["a", "b"])
        for place, form in enumerate(("yyyy-mm-dd", 'yyyy"h"', "[$-804]yyyy-mm-dd;@"), 1):
            sheet.write_number(place, 0, 43678, book.add_format({"num_format": form}))
        for place, form in enumerate(("m/d/yy h:mm", "yyyy年m月d日 hh时mm分", "d.m. HH:MM"), 1):
            sheet.write_number(place, 1, 43678, book.add_format({"num_format": form}))

    made = read(desk, workbook(fill))
    assert made.rows["a"].to_list() == ["2019-08-01"] * 3
    assert made.rows["b"].to_list() == ["2019-08-01T00:00:00"] * 3


def test_dates_as_text_and_as_days_in_one_column(desk: Desk) -> None:
    content = table(
        ["a", "b"], ["2020年1月31日", "x"], [date(2020, 1, 31), "x"], ["20200131", "x"]
    )
    made = read(desk, content)
    assert made.rows["a"].to_list() == ["2020年1月31日", "2020-01-31", "20200131"]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="￾￿"), max_size=40)
VALUES = st.one_of(
    TEXT.filter(bool),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**9), 10**9, places=6).map(float),
    st.booleans(),
    st.datetimes(datetime.fromisoformat("1900-03-01"), datetime.fromisoformat("2999-12-31")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
)


def as_typed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str) else number_text(value)


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_what_is_written_comes_back(rows: list[tuple[Any, Any]]) -> None:
    expected = [tuple(map(as_typed, row)) for row in rows]
    found = cells(table(["a", "b"], *rows))
    assert found == [row for row in expected if any(cell.strip(EDGES) for cell in row)]


def plain_feed(kind: str = "xlsx") -> Feed:
    """A feed of the columns a and b, without any folder of a test's own."""
    rules = {name: Rule(name, (name,)) for name in ("a", "b")}
    return Feed("f", {}, "s", None, Source("file"), Format(kind), "snapshot", (), rules, {},
                Breaker(), Path("f.yml"))  # fmt: skip


def read_bytes(
    reader: Callable[..., Iterator[Batch]], feed: Feed, content: bytes, name: str, *size: int
) -> list[tuple[str, ...]]:
    """The cells of columns a and b."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        artefact = Artefact("", path, len(content), name)
        batches = list(reader(feed, artefact, *size))
    return [row for batch in batches for row in batch.rows.select("a", "b").rows()]


def cells(content: bytes, size: int = 1 << 20) -> list[tuple[str, ...]]:
    return read_bytes(read_xlsx, plain_feed(), content, "d.xlsx", size)


def test_columns_with_gaps_on_the_left_and_above(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.merge_range("C2:E2", "茂名市登记表")
        write(book, sheet, [["", "", "企业\n名称", " b　", "c"], ["", "", "甲", 1, 2]], top=3)

    made = read(desk, workbook(fill), format={**XLSX, "header_row": 4},
                fields={"subject_name": "企业名称", "business_scope": "b"}, ignore={"c": "-"})  # fmt: skip
    assert made.rows.to_dicts() == [{"_line": 5, "企业名称": "甲", "b": "1", "c": "2"}]
    assert made.issues == []


def test_a_column_without_a_name_is_kept_if_it_has_values(desk: Desk) -> None:
    content = table(["a", "", "b", "", ""], ["1", "2", "3", "", ""], ["1", "", "3", "", ""])
    made = read(desk, content)
    assert made.rows.columns == ["_line", "a", "#2", "b"]
    assert [(i.code, i.value) for i in made.issues] == [("column_unknown", "#2")]


def test_the_sheet_that_the_feed_names(desk: Desk) -> None:
    def fill(book: Any, first: Any) -> None:
        write(book, first, [["说明"]])
        write(book, book.get_worksheet_by_name("登记 & 变更"), [["a", "b"], ["甲", "乙"]])

    content = workbook(fill, "首页", "登记 & 变更")
    assert read(desk, content, format={**XLSX, "sheet": "登记 & 变更"}).rows["a"].to_list() == [
        "甲"
    ]
    issue = stopped(desk, content, format={**XLSX, "sheet": "登记"})
    assert (issue.code, issue.value) == ("sheet_missing", "登记")
    assert "现有：首页、登记 & 变更" in issue.message("zh_CN")


def test_a_chart_is_no_sheet(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b"], [1, 2]])
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=数据!$A$2:$B$2"})
        first = book.add_chartsheet("图")
        first.set_chart(chart)
        book.worksheets_objs.insert(0, book.worksheets_objs.pop())

    assert read(desk, workbook(fill)).rows.height == 1


def test_rows_with_nothing_but_a_colour_are_passed_over(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        red = book.add_format({"bg_color": "red"})
        write(book, sheet, [["a", "b"], ["1", "2"], ["", " "], ["3", "4"]])
        for row in range(4, 65_000):
            sheet.write_blank(row, 1, None, red)

    made = read(desk, workbook(fill))
    assert made.rows.rows() == [(2, "1", "2"), (4, "3", "4")]
    assert told(made) == [("row_blank", 3, None, "64997")]


def test_formulas(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b", "c"], ["甲", "", "1"], ["乙", "", "1"], ["丙", "", "1"]])
        sheet.write_formula("B2", "=1+1", None, 2)
        sheet.write_formula("B3", '=IF(A3="","x","")', None, "")
        sheet.write_formula("C4", "=1+1", None, 3)  # of no interest to the feed

    made = read(desk, workbook(fill), ignore={"c": "-"})
    assert made.rows["b"].to_list() == ["2", "", ""]
    assert told(made) == [("cell_formula", 2, "B2", "2"), ("formula_uncached", 3, "B3", None)]
    assert [(i.severity, i.field) for i in made.issues] == [
        ("warning", "business_scope"), ("error", "business_scope"),
    ]  # fmt: skip


def test_a_formula_may_give_the_empty_text(desk: Desk) -> None:
    content = table(["a", "b"], ["甲", "2"])
    cell = b'<c r="B2" t="str"><f>""</f><v></v></c>'
    made = read(desk, with_part(content, SHEET, lambda xml: swap(xml, b"B2", cell)))
    assert told(made) == [("cell_formula", 2, "B2", "")]


def test_errors_name_their_cells(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b", "c"], ["甲", "乙", "丙"]])
        sheet.write_formula("A3", "=NA()", None, "#N/A")
        sheet.write_formula("C2", "=1/0", None, "#DIV/0!")  # of no interest to the feed
        sheet.write_formula("B4", "=NA()", None, "#REF!")

    made = read(desk, workbook(fill), ignore={"c": "-"})
    assert told(made) == [("cell_error", 3, "A3", "#N/A"), ("cell_error", 4, "B4", "#REF!")]
    assert made.rows.rows()[1:] == [(3, "#N/A", "", ""), (4, "", "#REF!", "")]
    assert "单元格 A3：subject_name 是错误值 #N/A" in made.issues[0].message("zh_CN")


def test_numbers_that_lost_digits(desk: Desk) -> None:
    content = table(["a", "b"], [440902199001011234, 1], [440902900101123, 2], [1e21, "x"])
    made = read(desk, content)
    assert made.rows["a"].to_list() == [
        "440902199001011000", "440902900101123", "1000000000000000000000",
    ]  # fmt: skip
    assert told(made) == [
        ("number_imprecise", 2, "A2", "440902199001011000"),
        ("number_imprecise", 4, "A4", "1000000000000000000000"),
    ]


def test_hidden_rows_are_read_and_told(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b"], ["1", "2"], ["3", "4"], ["", ""], ["5", "6"]])
        for row in (0, 2, 3):
            sheet.set_row(row, None, None, {"hidden": True})

    made = read(desk, workbook(fill))
    assert made.rows["_line"].to_list() == [2, 3, 5]
    assert told(made)[1:] == [("row_hidden", 3, None, None)]


def test_merged_cells(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b", "c", "d"]] + [[str(n)] * 4 for n in range(8)], top=1)
        sheet.merge_range("A1:D1", "title")
        sheet.merge_range("A3:A5", "甲")  # three rows share a name
        sheet.merge_range("A6:B6", "乙")
        sheet.merge_range("B7:C7", "丙")  # b has its value, and c is ignored
        sheet.merge_range("C8:D9", "丁")  # of no interest to the feed

    made = read(
        desk, workbook(fill), format={**XLSX, "header_row": 2}, ignore={"c": "-", "d": "-"}
    )
    assert told(made) == [
        ("cell_merged", 3, None, "A3:A5"), ("cell_merged", 4, None, "A3:A5"),
        ("cell_merged", 5, None, "A3:A5"), ("cell_merged", 6, None, "A6:B6"),
    ]  # fmt: skip
    assert made.issues[3].field == "business_scope"
    assert "单元格 A3:A5 已合并" in made.issues[0].message("zh_CN")


def test_batches_are_bounded_and_equal_to_one(desk: Desk) -> None:
    content = table(["a", "b"], *[[f"甲{n}", n] for n in range(3_000)])
    assert cells(content, 10_000) == cells(content) == [(f"甲{n}", str(n)) for n in range(3_000)]


def test_made_by_openpyxl(desk: Desk) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["甲", date(2026, 1, 31)])
    book.active.append(["乙", "=1+1"])
    target = io.BytesIO()
    book.save(target)
    made = read(desk, target.getvalue())
    assert made.rows.rows() == [(2, "甲", "2026-01-31"), (3, "乙", "")]
    assert told(made) == [("formula_uncached", 3, "B3", None)]


def test_with_macros_it_is_data(desk: Desk) -> None:
    content = with_part(
        table(["a", "b"], ["甲", "乙"]), "[Content_Types].xml",
        lambda xml: xml.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            b"application/vnd.ms-excel.sheet.macroEnabled.main",
        ),
    )  # fmt: skip
    assert read(desk, content, "d.xlsm").rows.rows() == [(2, "甲", "乙")]


def swap(xml: bytes, name: bytes, cell: bytes) -> bytes:
    """The sheet with another cell in this place."""
    start = xml.index(b'<c r="' + name + b'"')
    return xml[:start] + cell + xml[xml.index(b"</c>", start) + 4 :]


def stopped(desk: Desk, content: bytes, **told: Any) -> Any:
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, content, **told)
    issue = caught.value.issue
    assert issue.file == "d.xlsx"
    assert issue.message("en") != issue.message("zh_CN")
    return issue
