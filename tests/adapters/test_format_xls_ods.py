"""Old workbooks and OpenDocument: the same table comes out as from an .xlsx, with the same warnings."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.exceptions import ColumnNotFoundError

from adapters.cell_text import number_text
from adapters.compound_file import read_stream, wrap_stream
from adapters.csv_header import EDGES
from adapters.format_ods import read_ods
from adapters.format_xls import read_xls
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue
from tests.adapters.conftest import Desk, Read
from tests.adapters.old_workbooks import (
    cell,
    cells,
    ods_table,
    ods_xml,
    write_xls,
    xls,
    xls_table,
)
from tests.adapters.test_format_xlsx import plain_feed, read_bytes
from tests.adapters.workbooks import table

MAKERS = {"xlsx": table, "xls": xls_table, "ods": ods_table}
HEADER = cells("a", "b")


def read(desk: Desk, content: bytes, kind: str, **told: Any) -> Read:
    return desk.read(content, f"d.{kind}", **{"format": {"kind": kind}, **told})


def told(made: Read) -> list[tuple[str, int | None, str | None, str | None]]:
    return [(i.code, i.line, i.params.get("cell"), i.value) for i in made.issues]


def stopped(desk: Desk, content: bytes, kind: str, **told: Any) -> Issue:
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, content, kind, **told)
    issue = caught.value.issue
    assert issue.file == f"d.{kind}"
    for locale in ("en", "zh_CN"):
        assert "{" not in issue.message(locale)
    return issue


@pytest.mark.parametrize("kind", MAKERS)
def test_one_table_in_three_kinds_of_workbook(desk: Desk, kind: str) -> None:
    moment = datetime.fromisoformat("2026-01-31T08:05:07")
    content = MAKERS[kind](
        ["a", "b"],
        ["茂名", 12],
        [12.5, True],
        [date(2026, 1, 31), moment],
        [datetime.fromisoformat("2026-01-31T00:00:00"), 45211],
        ["0123", 0.1 + 0.2],
    )
    made = read(desk, content, kind)
    assert made.rows.rows() == [
        (2, "茂名", "12"),
        (3, "12.5", "true"),
        (4, "2026-01-31", "2026-01-31T08:05:07"),
        (5, "2026-01-31T00:00:00", "45211"),
        (6, "0123", "0.3"),
    ]
    assert made.issues == []


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_categories=["Cc"]),
               min_size=1, max_size=30)  # fmt: skip
VALUES = st.one_of(
    TEXT.filter(lambda text: bool(text.strip(EDGES))),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**9), 10**9, places=4).map(float),
    st.dates(date(1900, 3, 1), date(2999, 12, 31)),
)


def as_typed(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else number_text(value)


@pytest.mark.parametrize("kind", ["xls", "ods"])
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_written_comes_back(kind: str, rows: list[tuple[Any, Any]]) -> None:
    reader = {"xls": read_xls, "ods": read_ods}[kind]
    content = MAKERS[kind](["a", "b"], *rows)
    found = read_bytes(reader, plain_feed(kind), content, f"d.{kind}")
    expected = [tuple(map(as_typed, row)) for row in rows]
    if kind == "ods":  # XML has one blank where several stand, unless they are marked as such
        expected = [tuple(" ".join(c.split(" ")) for c in row) for row in expected]
    assert found == expected


def test_what_an_xls_does_not_show(desk: Desk) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        write_xls(sheet, [["a", "b"], ["甲", 1], ["乙", 2], ["丙", 3], ["丁", 4], ["戊", 5]])
        sheet.row(2).hidden = True
        sheet.row(3).set_cell_error(1, "#N/A!")
        sheet.write_merge(4, 5, 0, 0, "丁戊")
        sheet.write(6, 0, xlwt.Formula("1+1"))
        sheet.write(6, 1, 440902199001011234)
        for row in range(10, 20):
            sheet.write(row, 1, "", xlwt.easyxf("pattern: pattern solid"))

    made = read(desk, xls(fill), "xls")
    assert told(made) == [
        ("row_blank", 8, None, "13"),
        ("row_hidden", 3, None, None),
        ("cell_merged", 5, None, "A5:A6"),
        ("cell_merged", 6, None, "A5:A6"),
        ("cell_formula", 7, "A7", ""),
        ("cell_error", 4, "B4", "#N/A"),
        ("number_imprecise", 7, "B7", "440902199001011000"),
    ]
    assert made.rows["_line"].to_list() == [2, 3, 4, 5, 6, 7]


def test_what_an_ods_does_not_show(desk: Desk) -> None:
    spanned = 'table:number-rows-spanned="2"'
    error = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
    rows = (
        HEADER
        + cells("甲", "1")
        + cells("乙", "2", row='table:visibility="collapse"')
        + f"<table:table-row>{cell('丙')}<table:table-cell table:formula='of:=NA()' {error}>"
        "<text:p>#N/A</text:p></table:table-cell></table:table-row>"
        + f"<table:table-row>{cell('丁', spanned)}{cell('4')}</table:table-row>"
        + f"<table:table-row><table:covered-table-cell/>{cell('5')}</table:table-row>"
        + "<table:table-row><table:table-cell table:formula='of:=1+1' office:value-type='float'"
        " office:value='2'/><table:table-cell table:formula='of:=A1'/></table:table-row>"
        + "<table:table-row table:number-rows-repeated='1048569'><table:table-cell"
        " table:number-columns-repeated='16384'/></table:table-row>"
    )
    made = read(desk, ods_xml(rows), "ods")
    assert told(made) == [
        ("row_blank", 8, None, "1048569"),
        ("row_hidden", 3, None, None),
        ("cell_merged", 5, None, "A5:A6"),
        ("cell_merged", 6, None, "A5:A6"),
        ("cell_formula", 7, "A7", "2"),
        ("formula_uncached", 7, "B7", None),
        ("cell_error", 4, "B4", "#N/A"),
    ]


def test_texts_of_ods_with_blanks_breaks_and_notes(desk: Desk) -> None:
    text = (
        '甲<text:s text:c="2"/>乙<text:line-break/>丙<text:span>丁</text:span></text:p><text:p>戊'
    )
    note = "<office:annotation><text:p>a note</text:p></office:annotation>"
    rows = HEADER + (
        f'<table:table-row>{cell(text)}<table:table-cell office:value-type="string">{note}'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    assert read(desk, ods_xml(rows), "ods").rows.rows() == [(2, "甲  乙\n丙丁\n戊", "x")]


def test_times_of_ods(desk: Desk) -> None:
    def time(value: str) -> str:
        return f'<table:table-cell office:value-type="time" office:time-value="{value}"/>'

    rows = (
        HEADER + f"<table:table-row>{time('PT08H30M00S')}{time('PT26H30M00.5S')}</table:table-row>"
    )
    assert read(desk, ods_xml(rows), "ods").rows.row(0) == (2, "08:30:00", "26:30:00")


def test_rows_and_cells_that_stand_for_many(desk: Desk) -> None:
    rows = HEADER + cells("甲", "乙", row='table:number-rows-repeated="3"')
    twice = cell("丙", 'table:number-columns-repeated="2"')
    rows += f"<table:table-row>{twice}</table:table-row>"
    made = read(desk, ods_xml(rows), "ods")
    assert made.rows.rows() == [(2, "甲", "乙"), (3, "甲", "乙"), (4, "甲", "乙"), (5, "丙", "丙")]


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        (1_000_000, 16_384, "x", "workbook_too_large"),
        (1_000_000, 100, "x", "workbook_too_large"),
        (1, 16_384, "x" * 10_000, "workbook_too_large"),
        (1_000, 1_000, "x" * 10_000, "workbook_too_large"),
        (1, 1_000_000, "x", "format_invalid"),
        (9_999_999, 1, "x", "format_invalid"),
        (10**30, 1, "x", "format_invalid"),
    ],
)
def test_bombs_of_ods(desk: Desk, row: int, column: int, value: str, code: str) -> None:
    many = f'table:number-columns-repeated="{column}"'
    rows = HEADER + (
        f'<table:table-row table:number-rows-repeated="{row}">{cell(value, many)}</table:table-row>'
    )
    assert stopped(desk, ods_xml(rows), "ods").code == code


def test_the_sheet_that_the_feed_names(desk: Desk) -> None:
    def fill(book: Any, first: Any) -> None:
        write_xls(first, [["说明"]])
        write_xls(book.get_sheet("登记"), [["a", "b"], ["甲", "乙"]])

    content = xls(fill, "首页", "登记")
    made = read(desk, content, "xls", format={"kind": "xls", "sheet": "登记"})
    assert made.rows["a"].to_list() == ["甲"]
    issue = stopped(desk, content, "xls", format={"kind": "xls", "sheet": "无"})
    assert (issue.code, issue.params["found"]) == ("sheet_missing", "首页、登记")


HTML = "\ufeff<html><body><table><tr><td>a</td></tr></table></body></html>".encode()
SPREADSHEETML = (
    b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)
LOCKED_ODS = ods_xml(
    HEADER,
    **{"META-INF__manifest": '<m:manifest xmlns:m="urn:m"><m:encryption-data/></m:manifest>'},
)


@pytest.mark.parametrize(
    ("content", "kind", "code", "words"),
    [
        (b"", "xls", "file_empty", ""),
        (HTML, "xls", "workbook_other", "an HTML page; declare kind: html"),
        (SPREADSHEETML, "xls", "workbook_other", "declare kind: xml"),
        ("编号\t名称\r\n1\t甲\r\n".encode("gbk"), "xls", "workbook_other", "declare kind: csv"),
        ("a\tb\n".encode("utf-16"), "xls", "workbook_other", "declare kind: csv"),
        (table(["a"]), "xls", "workbook_other", "declare kind: xlsx"),
        (xls_table(["a"]), "ods", "workbook_other", "declare kind: xls"),
        (ods_table(["a"]), "xls", "workbook_other", "declare kind: ods"),
        (xls_table(["a", "b"])[:3000], "xls", "format_invalid", ""),
        (xls_table(["a", "b"])[:700], "xls", "format_invalid", ""),
        (b"\x09\x04\x06\x00" + bytes(99), "xls", "format_invalid", "it isn't a whole .xls"),
        (ods_table(["a"])[:900], "ods", "format_invalid", "it isn't a whole .ods"),
        (ods_xml("<x>"), "ods", "format_invalid", "content.xml: "),
        (ods_xml(HEADER, "<!DOCTYPE x [<!ENTITY a 'b'>]>"), "ods", "format_invalid", "DOCTYPE"),
        (LOCKED_ODS, "ods", "workbook_locked", ""),
    ],
)
def test_what_cannot_be_read_says_why(
    desk: Desk, content: bytes, kind: str, code: str, words: str
) -> None:
    issue = stopped(desk, content, kind)
    assert issue.code == code
    assert words in issue.message("en")


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_bytes_never_crash(data: st.DataObject) -> None:
    content = bytearray(xls_table(["a", "b"], ["甲", 1], ["乙", date(2026, 1, 31)]))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_bytes(read_xls, plain_feed("xls"), bytes(content), "d.xls")
    except SourceUnreadable as error:
        assert error.issue.file == "d.xls"
    except ColumnNotFoundError:  # the damage hit the name of a column
        pass


def test_a_dimension_that_nobody_could_hold(desk: Desk) -> None:
    """python-calamine believes it, and the process is gone."""
    content = bytearray(xls_table(["a", "b"], ["甲", "乙"]))
    place = content.index(bytes.fromhex("00020e00"))  # the record, and its length
    content[place + 4 : place + 16] = bytes.fromhex("00000000ffffff7f0000ffff")
    assert read(desk, bytes(content), "xls").rows.rows() == [(2, "甲", "乙")]


def test_two_cells_of_an_xls_far_apart(desk: Desk) -> None:
    issue = stopped(desk, xls(lambda _, sheet: sheet.write(65_535, 255, "x") or sheet.write(0, 0, "a")), "xls")  # fmt: skip
    assert issue.code == "workbook_too_large"
    assert "16,777,216" in issue.message("zh_CN")


@pytest.mark.parametrize("long", ["x" * 32_000, "长" * 32_000])
def test_one_long_text_in_many_cells_of_an_xls(desk: Desk, long: str) -> None:
    content = xls_table(["a", "b"], *[[long, long, long, long] for _ in range(1_500)])
    assert len(content) < 400_000
    assert stopped(desk, content, "xls").code == "workbook_too_large"


def test_texts_that_go_on_in_further_records(desk: Desk) -> None:
    """The table of shared texts is cut every 8 kB, wherever that is in a text."""
    rows = [[f"{n}甲" * (n % 97 + 1), f"b{n}" * (n % 13 + 1)] for n in range(600)]
    assert read(desk, xls_table(["a", "b"], *rows), "xls").rows.select("a", "b").rows() == [
        tuple(row) for row in rows
    ]


def test_streams_of_any_size_are_wrapped_whole(tmp_path: Path) -> None:
    for size in (0, 1, 4_095, 4_096, 4_097, 5_000_000):
        content = bytes(n % 251 for n in range(size))
        path = tmp_path / "x"
        path.write_bytes(wrap_stream("Workbook", content))
        assert read_stream(path, ["Workbook"], 1 << 30) == content.ljust(4_096, b"\0")
