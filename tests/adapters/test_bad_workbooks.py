"""Workbooks that can't be read, or are meant to do harm: each is refused with its reason."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from typing import Any

import pytest

from adapters.sheet import column_letters, column_number
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue
from tests.adapters.conftest import Desk
from tests.adapters.workbooks import SHEET, table, with_part, workbook, write

PLAIN = table(["a", "b"], ["甲", "乙"])
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def stopped(desk: Desk, content: bytes, **told: Any) -> Issue:
    with pytest.raises(SourceUnreadable) as caught:
        desk.read(content, "d.xlsx", **{"format": {"kind": "xlsx"}, **told})
    issue = caught.value.issue
    assert issue.file == "d.xlsx"
    for locale in ("en", "zh_CN"):
        assert "{" not in issue.message(locale)
    return issue


def sheet(rows: str, before: str = "") -> bytes:
    """A workbook whose sheet is this XML."""
    xml = f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return with_part(PLAIN, SHEET, lambda _: xml.encode())


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "file_empty", ""),
        (b"a,b\n1,2\n", "workbook_other", "it is text such as CSV; declare kind: csv"),
        (PLAIN[: len(PLAIN) // 2], "format_invalid", "it isn't a whole .xlsx"),
        (COMPOUND + bytes(600), "workbook_other", "it is an .xls of before 2007"),
        (COMPOUND + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "workbook_locked", ""),
        (PLAIN.replace(b"sharedStrings", b"sharedStringx"), "format_invalid", ""),
        (
            with_part(PLAIN, SHEET, lambda xml: xml.split(b"</row>")[0]),
            "format_invalid",
            "sheet1.xml: ",
        ),
        (
            with_part(PLAIN, "xl/workbook.xml", lambda _: b"<x>"),
            "format_invalid",
            "workbook.xml",
        ),
        (table([]), "header_empty", "d.xlsx line 1: the row has no column names"),
        (table(["", " "], ["1", "2"]), "header_empty", ""),
        (table(["a", "b", " a"], ["1", "2", "3"]), "column_duplicate", "the name a twice"),
    ],
)
def test_what_cannot_be_read_says_why(desk: Desk, content: bytes, code: str, words: str) -> None:
    issue = stopped(desk, content)
    assert issue.code == code
    assert words in issue.message("en")


def test_another_zip(desk: Desk) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as other:
        other.writestr("content.xml", "<x/>")
    assert "it is a zip of other files" in stopped(desk, target.getvalue()).message("en")


def test_a_header_below_the_table(desk: Desk) -> None:
    issue = stopped(desk, PLAIN, format={"kind": "xlsx", "header_row": 9})
    assert (issue.code, issue.line) == ("header_empty", 9)


def test_a_part_that_says_it_is_huge(desk: Desk) -> None:
    issue = stopped(desk, with_size(PLAIN, SHEET, 3 << 30))
    assert issue.code == "workbook_too_large"
    assert "3,072 MB" in issue.message("zh_CN")


def test_a_part_that_is_longer_than_it_says(desk: Desk) -> None:
    spaces = with_part(PLAIN, SHEET, lambda xml: xml + b" " * (50 << 20))
    packed = with_size(repack(spaces), SHEET, 1_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "isn't as long as it says" in stopped(desk, packed).message("en")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # KB


def test_a_part_that_stands_twice(desk: Desk) -> None:
    target = io.BytesIO(PLAIN)
    with zipfile.ZipFile(target, "a") as more:
        more.writestr(SHEET.upper(), "<x/>")
    assert "it has a part twice" in stopped(desk, target.getvalue()).message("en")


def test_two_cells_far_apart(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(book: Any, first: Any) -> None:
        write(book, first, [["a", "b"], ["1", "2"]])
        first.write_string("XFD1048576", "x")

    monkeypatch.setenv("HUB_LIMIT_CHILD_BYTES", str(256 << 20))
    made = desk.read(workbook(fill), "d.xlsx", format={"kind": "xlsx"})
    assert made.rows.columns == ["_line", "a", "b", "#16384"]
    assert made.rows["_line"].to_list() == [2, 1_048_576]
    assert [i.value for i in made.issues if i.code == "row_blank"] == ["1048573"]


@pytest.mark.parametrize(
    "texts",
    [
        "<si><t>x</t></si><si><t>LONG</t></si>",
        "<!-- </si></si> --><si><t>x</t></si><si><t>LONG</t></si>",
        "<si><t><![CDATA[</si></si>]]></t></si><si><t>LONG</t></si>",
        f'<s:si xmlns:s="{MAIN}"><t/></s:si><s:si xmlns:s="{MAIN}"><t>LONG</t></s:si><si><t/></si>',
        "<si><t>x</t></si ><si><t>LONG</t></si ><si><t/></si><si><t/></si>",
    ],
)
def test_one_long_text_in_many_cells(desk: Desk, texts: str) -> None:
    """However the shared texts are written, the long one is the second."""
    cells = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
    cells += "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(2, 80_000)
    )
    shared = f'<sst xmlns="{MAIN}">{texts.replace("LONG", "x" * 32_000)}</sst>'
    content = with_part(sheet(cells), "xl/sharedStrings.xml", lambda _: shared.encode())
    assert len(repack(content)) < 500_000
    issue = stopped(desk, content)
    assert issue.code == "workbook_too_large"
    assert "2,048 MB" in issue.message("en")


def test_an_endless_row(desk: Desk) -> None:
    message = stopped(desk, sheet(f'<row r="1">{"<c/>" * (5 << 20)}</row>')).message("en")
    assert "ends within 16 MB" in message


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row r="2"/><row r="1"/>', "row 1 is out of place"),
        ('<row r="99999999"/>', "row 99999999 is out of place"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "cell A1 is out of place"),
        ('<row r="1"><c r="A1"/><c/><c r="B1"/></row>', "cell B1 is out of place"),
        ('<row r="1"><c r="XFE1"/></row>', "cell XFE1 is out of place"),
        ('<row r="1"><c r="A9"/></row>', "cell A9 is out of place"),
        ('<row r="1"><c r="A1"/>', "sheet1.xml: "),
    ],
)
def test_cells_out_of_order(desk: Desk, rows: str, words: str) -> None:
    assert words in stopped(desk, sheet(rows)).message("en")


def test_entities(desk: Desk) -> None:
    doctype = '<!DOCTYPE worksheet [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    content = sheet('<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>', doctype)
    assert "it has a DOCTYPE" in stopped(desk, content).message("en")


def test_rows_and_cells_without_their_places(desk: Desk) -> None:
    """Legal, and written by some programs."""

    def row(*cells: str) -> str:
        found = "".join(f'<x:c t="inlineStr"><x:is><x:t>{c}</x:t></x:is></x:c>' for c in cells)
        return f"<x:row>{found}</x:row>"

    rows = row("a", "b") + row("1", "2") + '<x:row r="5"><x:c t="e"><x:v>#REF!</x:v></x:c></x:row>'
    xml = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    made = desk.read(
        with_part(PLAIN, SHEET, lambda _: xml.encode()), "d.xlsx", format={"kind": "xlsx"}
    )
    assert made.rows.rows() == [(2, "1", "2"), (5, "#REF!", "")]
    assert [(i.code, i.line) for i in made.issues] == [("row_blank", 3), ("cell_error", 5)]


def test_names_of_columns() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16384)] == [
        "A", "Z", "AA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip
    assert all(column_number(column_letters(n)) == n for n in range(1, 16385))


def repack(content: bytes) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return target.getvalue()


def with_size(content: bytes, part: str, size: int) -> bytes:
    """The zip whose directory gives the part another length than it has."""
    place = content.rindex(b"PK\1\2", 0, content.rindex(part.encode()))
    return content[: place + 24] + struct.pack("<L", size) + content[place + 28 :]
