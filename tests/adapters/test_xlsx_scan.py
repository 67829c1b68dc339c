"""Cells of an .xlsx found without a parser: the same as with one, and as other readers find them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from adapters.cell_text import number_text, texts
from adapters.workbook_styles import DAY, DURATION, MOMENT, NUMBER, shown_kind
from adapters.xlsx_pieces import pieces_of
from adapters.xlsx_scan import scan_rows
from adapters.xlsx_tokens import Tokens, parse_rows
from adapters.xlsx_values import moment_texts, number_texts
from adapters.xml_elements import elements
from tests.adapters.workbooks import workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
END = b"</sheetData></worksheet>"

TEXT = st.lists(
    st.sampled_from(
        [*"ab甲𠮷 0;'\n\t", "&amp;", "&lt;", "&quot;", "&gt;", "&#30002;", "&#x7532;"]
    ),
    max_size=9,
).map("".join)
NUMBERS = st.sampled_from(
    ["0", "12", "99999999", "123456789", "-1.5", "1E-7", "984.17999999999995"]
)
STYLES = st.sampled_from(["", ' s="1"', ' s="12"'])


@st.composite
def cells(draw: st.DrawFn, name: str) -> str:
    style, text, number = draw(STYLES), draw(TEXT), draw(NUMBERS)
    return draw(
        st.sampled_from(
            [
                f'<c r="{name}"{style}/>',
                f'<c r="{name}"{style}><v>{number}</v></c>',
                f'<c r="{name}"{style} t="n"><v>{number}</v></c>',
                f'<c r="{name}"{style} t="s"><v>{draw(st.integers(0, 99_999_999))}</v></c>',
                f'<c r="{name}"{style} t="str"><v>{text}</v></c>',
                f'<c r="{name}"{style} t="b"><v>1</v></c>',
                f'<c r="{name}"{style} t="e"><v>#N/A</v></c>',
                f'<c r="{name}"{style} t="inlineStr"><is><t>{text}</t></is></c>',
                f'<c r="{name}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>',
                f'<c r="{name}"{style}><f>A1+1</f><v>{number}</v></c>',
                f'<c r="{name}"{style} t="str"><f t="shared" si="0"/><v>{text}</v></c>',
                f'<c r="{name}"{style}><f>A1&lt;&gt;B1</f></c>',
            ]
        )
    )


@st.composite
def rows(draw: st.DrawFn) -> str:
    written, line = "", 0
    for _ in range(draw(st.integers(1, 6))):
        line += draw(st.sampled_from([1, 1, 2, 1_000]))
        more = draw(st.sampled_from(["", ' spans="1:3"', ' hidden="1"', ' ht="15" hidden="true"']))
        names = sorted(draw(st.sets(st.sampled_from(["A", "B", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]))),
                       key=lambda name: (len(name), name))  # fmt: skip
        found = "".join(draw(cells(f"{name}{line}")) for name in names)
        written += f'<row r="{line}"{more}>{found}</row>' if found else f'<row r="{line}"{more}/>'
    return written


def parsed(piece: bytes) -> Tokens:
    (tokens,) = parse_rows(elements([HEAD, piece, END], "row"), 0, 1 << 30)
    return tokens


def plain(tokens: Tokens) -> Any:
    kinds = [tokens.kinds[k] for k in tokens.kind]
    which = np.flatnonzero(tokens.has)
    return (
        tokens.lines.tolist(), tokens.hidden, tokens.owner.tolist(), tokens.column.tolist(), kinds,
        tokens.has.tolist(), tokens.formula.tolist(), tokens.raw(which).to_list(),
    )  # fmt: skip


@given(rows())
@settings(max_examples=150, deadline=None)
def test_the_same_cells_as_with_a_parser(written: str) -> None:
    piece = written.encode()
    scanned = scan_rows(piece)
    assert scanned is not None
    assert plain(scanned) == plain(parsed(piece))
    shared = np.array([k for k, kind in enumerate(scanned.kind) if scanned.kinds[kind][1] == "s"])
    if len(shared):
        numbers = scanned.numbers(shared).to_list()
        assert numbers == parsed(piece).numbers(shared).to_list()


@given(rows(), st.data())
@settings(max_examples=150, deadline=None)
def test_after_any_damage_the_same_cells_or_none(written: str, data: st.DataObject) -> None:
    piece = bytearray(written.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(piece) - 1))
        change = data.draw(
            st.sampled_from([b"", b" ", b"<", b">", b"/", b'"', b"&", b"c", b"\r", b"\xff"])
        )
        piece[place : place + data.draw(st.integers(0, 3))] = change
    scanned = scan_rows(bytes(piece))
    if scanned is not None:
        # attributes of rows and formulas, which nobody reads, may be malformed
        bare = re.sub(rb'(<row r="[0-9]+"|<f )[^>]*?(/?>)', rb"\1\2", bytes(piece))
        found, expected = plain(scanned), plain(parsed(bare))
        assert (found[0], *found[2:]) == (expected[0], *expected[2:])


@pytest.mark.parametrize(
    "piece",
    [
        "", "<row/>", "<row><c/></row>", '<row r="1"> </row>', '<row r="1"><c r="B1"/><c r="A1"/></row>',
        '<row r="1"><c r="A2"/></row>', '<row r="2"/><row r="1"/>', '<row r="1048577"/>', '<row r="0"/>',
        '<row r="1"><c r="XFE1"/></row>', '<row r="1"><c r="A1"><v>1</v></c></row></row>',
        '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', '<row r="1"><c r="A1"><v>1</v></c>x</row>',
        '<row r="1"><c r="A1" t="str"><v>&a;</v></c></row>', '<row r="1"><c r="A1" t="str"><v>&#1;</v></c></row>', '<row r="1"><c r="A1"><!-- x --></c></row>',
        '<row r="1"><c r="A1" t="str"><v>a\rb</v></c></row>', '<row r="1"><c r="A1" t="str"><v>a\x01</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r></is></c></row>', '<row r="1">', "</row>",
        '<c r="A1"/><row r="1"/>', '<row r="1"/><c r="A1"/>', '<row r="a"/>', '<row r="123456789"/>',
    ],
)  # fmt: skip
def test_what_is_left_to_the_parser(piece: str) -> None:
    assert scan_rows(piece.encode()) is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**16), 10**16)))
def test_numbers(values: list[float]) -> None:
    written = pl.Series([format(float(value), ".17g") for value in values], dtype=pl.String)
    found, lost = number_texts(written)
    assert found.to_list() == [number_text(float(value)) for value in values]
    assert lost.tolist() == [k for k, value in enumerate(values) if abs(float(value)) >= 10**15]


def test_numbers_as_they_may_be_written() -> None:
    written = ["+1", "-0", "1.0", "007", "1E3", "x", "", ".5", "5.", "12345678901.25", "-0.1"]
    expected = ["1", "0", "1", "7", "1000", "x", "", "0.5", "5", "12345678901.25", "-0.1"]
    assert number_texts(pl.Series(written))[0].to_list() == expected


def stamped(values: list[float], form: str) -> list[str]:
    """What python-calamine and `cell_text` make of these numbers in cells of this form."""

    def fill(book: Any, sheet: Any) -> None:
        shown = book.add_format({"num_format": form})
        for row, value in enumerate(values):
            sheet.write_number(row, 0, value, shown)

    cells = load_workbook(io.BytesIO(workbook(fill))).get_sheet_by_index(0).to_python()
    return texts([row[0] for row in cells])


@pytest.mark.parametrize(
    ("form", "style"), [("yyyy-mm-dd", DAY), ("[h]:mm:ss", DURATION), ("h:mm", DAY)]
)
@given(st.lists(st.tuples(st.integers(0, 2_900_000), st.integers(0, 86_399)), min_size=1))
@settings(max_examples=50, deadline=None)
def test_days_and_times_are_those_of_another_reader(
    form: str, style: int, moments: list[tuple[int, int]]
) -> None:
    values = [day + round(second / 86_400, 9) for day, second in moments]
    found, _ = moment_texts(pl.Series([repr(value) for value in values]), style, False)
    assert found.to_list() == stamped(values, form)


def test_moments_at_midnight_and_numbers_that_are_no_days() -> None:
    found, lost = moment_texts(
        pl.Series(["43678", "43678.5", "-1", "2958466", "x"]), MOMENT, False
    )
    assert found.to_list() == ["2019-08-01T00:00:00", "2019-08-01T12:00:00", "-1", "2958466", "x"]
    assert lost.tolist() == []
    found, _ = moment_texts(pl.Series(["0.5", "1", "42216"]), DAY, True)
    assert found.to_list() == ["12:00:00", "1904-01-02", "2019-08-01"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", NUMBER), ("0.00", NUMBER), ('0"days"', NUMBER), ("[Red]0", NUMBER), ("0.00E+00", NUMBER),
        ("#,##0_d", NUMBER), ("@", NUMBER), ("yyyy/m/d", DAY), ('yyyy"年"m"月"d"日";@', DAY), ("mm:ss", DAY),
        ("[$-804]yyyy-mm-dd", DAY), ('yyyy"h"', DAY), ("hh:mm", DAY), ("yyyy-mm-dd hh:mm", MOMENT),
        ("d.m. HH:MM", MOMENT), ("[h]:mm", DURATION), ("[mm]", DURATION), ("0;yyyy", NUMBER),
    ],
)  # fmt: skip
def test_number_formats(code: str, kind: int) -> None:
    assert shown_kind(code) == kind


def test_workbooks_of_another_maker() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(
        ["甲<&>", 1, 2.5, True, datetime.fromisoformat("2026-01-31T08:30:00"), None, "x\ny"]
    )
    sheet.append([timedelta(hours=30), None, "=1+1", False])
    target = io.BytesIO()
    book.save(target)
    xml = zipfile.ZipFile(target).read("xl/worksheets/sheet1.xml")
    piece = xml[xml.index(b"<sheetData>") + 11 : xml.index(b"</sheetData>")]
    scanned = scan_rows(piece)
    assert scanned is not None
    assert plain(scanned) == plain(parsed(piece))


@given(rows(), st.integers(1, 60), st.integers(1, 400))
@settings(max_examples=100, deadline=None)
def test_pieces_have_whole_rows_wherever_blocks_end(written: str, block: int, size: int) -> None:
    xml = HEAD.replace(b"<sheetData>", b"<cols/><sheetData>") + written.encode() + END
    blocks = [xml[at : at + block] for at in range(0, len(xml), block)]
    pieces = pieces_of(blocks)
    assert pieces is not None
    found = list(pieces.rows(blocks, size))
    assert b"".join(found) == written.encode()
    assert all(piece.endswith((b"</row>", b"/>")) for piece in found)
    assert b"".join(pieces.tail(blocks)) == END


@pytest.mark.parametrize(
    "head",
    [
        b"<x:worksheet xmlns:x='x'><x:sheetData>", b"<!DOCTYPE x><worksheet x='x'><sheetData>",
        b"<worksheet x='x'><!-- --><sheetData>", b"<worksheet><sheetData/>", b"",
        b'<?xml version="1.0" encoding="GBK"?><worksheet x="x"><sheetData>',
        "<worksheet x='x'><sheetData>".encode("utf-16"), b"x" * (2 << 20),
    ],
)  # fmt: skip
def test_other_xml_is_read_as_a_whole(head: bytes) -> None:
    assert pieces_of([head]) is None
