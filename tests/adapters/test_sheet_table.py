"""Where a table stands on a sheet: titles above, headers of two rows, several tables, footers."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue
from tests.adapters.conftest import Desk, Read
from tests.adapters.old_workbooks import cell, ods_xml, write_xls, xls
from tests.adapters.workbooks import table, workbook, write


def read(desk: Desk, content: bytes, **options: Any) -> Read:
    fields = options.pop("fields", {"subject_name": "a", "business_scope": "b"})
    kind = {"kind": options.pop("kind", "xlsx")}
    return desk.read(content, f"d.{kind['kind']}", format={**kind, **options}, fields=fields)


def stopped(desk: Desk, content: bytes, **options: Any) -> Issue:
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, content, **options)
    for locale in ("en", "zh_CN"):
        assert "{" not in caught.value.issue.message(locale)
    return caught.value.issue


def told(made: Read) -> list[tuple[str, int | None, str | None]]:
    return [(i.code, i.line, i.value) for i in made.issues]


TITLED = table(["行政处罚情况表"], [], ["", "2026年1月"], [" a\n", "b　", "c"], ["甲", "1", "2"])


def test_the_header_is_found_by_its_cells(desk: Desk) -> None:
    made = read(desk, TITLED, header={"contains": ["b", "a"]})
    assert made.rows.rows() == [(5, "甲", "1", "2")]


def test_a_header_that_is_not_there_names_the_nearest_row(desk: Desk) -> None:
    issue = stopped(desk, TITLED, header={"contains": ["a", "d"]})
    assert (issue.code, issue.line, issue.file) == ("header_missing_near", 4, "d.xlsx")
    assert "lacks d (it has a、b、c)" in issue.message("en")
    assert stopped(desk, TITLED, header={"contains": ["x"]}).code == "header_missing"


@pytest.mark.parametrize(("above", "found"), [(24, True), (25, False)])
def test_it_is_looked_for_in_25_rows(desk: Desk, above: int, found: bool) -> None:
    content = table(*[["x"]] * above, ["a", "b"], ["1", "2"])
    if found:
        made = read(desk, content, header={"contains": ["a"]})
        assert made.rows["_line"].to_list() == [above + 2]
    else:
        assert stopped(desk, content, header={"contains": ["a"]}).code == "header_missing"


def two_rows(_book: Any, sheet: Any) -> None:
    write(
        _book,
        sheet,
        [["表"], ["企业", "处罚", "", "备注"], ["", "种类", "罚款"], ["甲", "警告", 5, "x"]],
    )
    sheet.merge_range("B2:C2", "处罚")
    sheet.merge_range("A2:A3", "企业")


JOINED = {"subject_name": "企业", "business_scope": "处罚/罚款"}


@pytest.mark.parametrize("header", [{"header_row": 2}, {"header": {"contains": ["企业", "罚款"]}},
                                    {"header": {"contains": ["处罚/种类"]}}])  # fmt: skip
def test_a_header_of_two_rows(desk: Desk, header: dict[str, Any]) -> None:
    made = read(desk, workbook(two_rows), header_rows=2, fields=JOINED, **header)
    assert made.rows.columns == ["_line", "企业", "处罚/种类", "处罚/罚款", "备注"]
    assert made.rows.rows() == [(4, "甲", "警告", "5", "x")]


def test_a_header_of_two_rows_in_old_workbooks(desk: Desk) -> None:
    def fill(_book: Any, sheet: Any) -> None:
        write_xls(sheet, [["企业"], [None, "种类", "罚款"], ["甲", "警告", 5]])
        sheet.write_merge(0, 0, 1, 2, "处罚")

    made = read(desk, xls(fill), kind="xls", header_rows=2, fields=JOINED)
    assert made.rows.columns == ["_line", "企业", "处罚/种类", "处罚/罚款"]
    wide = cell("处罚", 'table:number-columns-spanned="2"')
    rows = f"<table:table-row>{cell('企业')}{wide}<table:covered-table-cell/></table:table-row>"
    rows += f"<table:table-row>{cell('')}{cell('种类')}{cell('罚款')}</table:table-row>"
    made = read(desk, ods_xml(rows), kind="ods", header_rows=2, fields=JOINED)
    assert made.rows.columns == ["_line", "企业", "处罚/种类", "处罚/罚款"]


def test_a_merged_header_of_one_row_names_one_column(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b", ""], ["1", "2", "3"]])
        sheet.merge_range("B1:C1", "b")

    made = read(desk, workbook(fill))
    assert made.rows.columns == ["_line", "a", "b", "#3"]


SEVERAL = table(
    ["一、企业"], ["x", "y"], ["0", "0"], [],
    ["二、个体（续表）"], [], ["a", "b"], ["甲", "1"], ["乙", "2"], [], ["三、其他"], ["a", "b"], ["丙", "3"],
)  # fmt: skip


def test_one_of_several_tables_ends_at_a_blank_row(desk: Desk) -> None:
    made = read(desk, SEVERAL, table={"after": "二、个体"})
    assert made.rows.rows() == [(8, "甲", "1"), (9, "乙", "2")]
    assert told(made) == [("row_after_table", 11, "3")]
    made = read(desk, SEVERAL, table={"after": "三、"}, header={"contains": ["b"]})
    assert made.rows.rows() == [(13, "丙", "3")]
    assert stopped(desk, SEVERAL, table={"after": "四、"}).code == "table_missing"


def test_blank_rows_before_the_first_record_do_not_end_it(desk: Desk) -> None:
    content = table(["a", "b"], [], ["", " "], ["甲", "1"], ["", " "], ["x", "y"])
    made = read(desk, content, until="blank")
    assert made.rows.rows() == [(4, "甲", "1")]
    assert told(made) == [("row_blank", 2, "2"), ("row_after_table", 6, "1")]


@pytest.mark.parametrize("until", ["合计", ["注：", "合计"]])
def test_a_footer_ends_the_table(desk: Desk, until: Any) -> None:
    content = table(["a", "b"], ["甲", "1"], [], ["乙", "2"], ["", "合　计：2"], ["注：略"])
    made = read(desk, content, until=until)
    assert made.rows["a"].to_list() == ["甲", "乙"]
    assert told(made) == [("row_blank", 3, "1"), ("row_after_table", 5, "2")]


def test_a_footer_that_is_missing_is_told(desk: Desk) -> None:
    made = read(desk, table(["a", "b"], ["甲", "合计"]), until="合计")
    assert made.rows.height == 1
    assert told(made) == [("table_end_missing", 2, "合计")]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("B2:C4", [(3, "甲", "1"), (4, "乙", "2")]),
        ("B2:C", [(3, "甲", "1"), (4, "乙", "2"), (5, "丙", "3")]),
        ("B:C", None),
    ],
)
def test_a_range(desk: Desk, where: str, expected: list[Any] | None) -> None:
    rows = [["left", "", "", "right"], ["x", "a", "b", "a"], ["x", "甲", 1, "y"],
            ["x", "乙", 2, "y"], ["x", "丙", 3, "y"], ["x", "", "", "y"]]  # fmt: skip
    content = table(*rows)
    if expected is None:
        assert stopped(desk, content, range=where).code == "header_empty"
        made = read(desk, content, range=where, header_row=2)
        assert made.rows.height == 3
    else:
        assert read(desk, content, range=where).rows.rows() == expected


def filled(book: Any, sheet: Any) -> None:
    write(
        book,
        sheet,
        [["a", "b", "c"], ["", "1", "x"], ["", "2", "x"], ["", "3", "y"], ["乙", "4", "y"]],
    )
    sheet.merge_range("A2:A4", "甲")
    sheet.merge_range("C2:C3", "x")


def test_merged_cells_are_repeated_where_the_feed_says_so(desk: Desk) -> None:
    fields = {"subject_name": "a", "business_scope": "b", "domicile": "c"}
    made = read(desk, workbook(filled), fill_merged=True, fields=fields)
    assert made.rows["a"].to_list() == ["甲", "甲", "甲", "乙"]
    assert made.rows["c"].to_list() == ["x", "x", "y", "y"]
    assert made.issues == []
    plain = read(desk, workbook(filled), fields=fields)
    assert {i.code for i in plain.issues} == {"cell_merged"}


def test_filling_goes_on_over_blocks(desk: Desk) -> None:
    from adapters.format_xlsx import read_xlsx
    from tests.adapters.test_format_xlsx import read_bytes

    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b"], *[["", str(n)] for n in range(500)]])
        sheet.merge_range("A2:A501", "甲")

    feed = desk.declare(format={"kind": "xlsx", "fill_merged": True})
    rows = read_bytes(read_xlsx, feed, workbook(fill), "d.xlsx", 2_000)
    assert rows == [("甲", str(n)) for n in range(500)]


def test_merged_over_rows_and_columns_fills_only_the_first(desk: Desk) -> None:
    def fill(book: Any, sheet: Any) -> None:
        write(book, sheet, [["a", "b", "c"], ["", "", "1"], ["", "", "2"]])
        sheet.merge_range("A2:B3", "甲")

    made = read(desk, workbook(fill), fill_merged=True)
    assert made.rows["a"].to_list() == ["甲", "甲"]
    merged = [issue for issue in made.issues if issue.code == "cell_merged"]
    assert [(i.line, i.field) for i in merged] == [(2, "business_scope"), (3, "business_scope")]


def sheets(book: Any, first: Any) -> None:
    write(book, first, [["说明"]])
    write(book, book.get_worksheet_by_name("1月"), [["a", "b"], ["甲", "1"]])
    write(book, book.get_worksheet_by_name("2月"), [["标题"], ["b", "新", "a"], ["2", "x", "乙"]])


def test_several_sheets_as_one_table(desk: Desk) -> None:
    content = workbook(sheets, "首页", "1月", "2月")
    made = read(desk, content, sheets="?月", header={"contains": ["a"]})
    assert made.rows.columns == ["_line", "a", "b", "#sheet"]
    assert made.rows.rows() == [(2, "甲", "1", "1月"), (10_000_003, "乙", "2", "2月")]
    assert [(i.code, i.value) for i in made.issues] == [
        ("column_unknown", "#sheet"), ("column_unknown", "新"),
    ]  # fmt: skip
    assert read(desk, content, sheets=["2月"], header_row=2).rows["#sheet"].to_list() == ["2月"]


def test_a_sheet_that_lacks_a_column_stops_the_run(desk: Desk) -> None:
    content = workbook(sheets, "首页", "1月", "2月")
    issue = stopped(desk, content, sheets=["1月", "2月"])
    assert (issue.code, issue.file, issue.value) == ("column_missing", "d.xlsx [2月]", "a")
    assert stopped(desk, content, sheets="x*").code == "sheet_missing"


def test_an_optional_column_of_a_later_sheet_is_kept(desk: Desk) -> None:
    content = workbook(sheets, "首页", "1月", "2月")
    fields = {"subject_name": "a", "domicile": {"from": "新", "optional": True}}
    made = read(desk, content, sheets="?月", header={"contains": ["a"]}, fields=fields)
    assert made.rows["新"].to_list() == [None, "x"]


def test_values_in_a_column_without_a_name_far_below(desk: Desk) -> None:
    from adapters.format_xlsx import read_xlsx
    from tests.adapters.workbooks import table as make

    content = make(
        ["a", "b"], *[["1", "2"]] * 9_000, ["1", "2", "", "stray"], ["1", "2", "", "more"]
    )
    (desk.folder / "d.xlsx").write_bytes(content)
    feed = desk.declare(format={"kind": "xlsx"})
    from adapters.artefact import Artefact
    from exchange_schemas.issue import issues_of

    batches = list(read_xlsx(feed, Artefact("", desk.folder / "d.xlsx", 0, "d.xlsx"), 2_000))
    issues = [issue for batch in batches for issue in issues_of(batch.issues)]
    assert [(i.code, i.line, i.value) for i in issues] == [("cell_unnamed", 9_002, "stray")]
    assert "cell D9002" in issues[0].message("en")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sheet": "a", "sheets": "*"},
        {"header": {"contains": ["a"]}, "header_row": 2},
        {"table": {"after": "a"}, "header_row": 2},
        {"range": "B3-K4"},
        {"range": "b3:k4"},
        {"header": {"contains": []}},
        {"header_rows": 9},
    ],
)
def test_what_excludes_each_other_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(Misdeclared) as caught:
        desk.declare(format={"kind": "xls", **wrong})
    assert caught.value.issue.code == "feed_invalid"
