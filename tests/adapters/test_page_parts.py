"""Pages: their encodings, paths into them, headers of all sorts, and what is meant to do harm."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from adapters.page_path import as_xpath, elements_at, texts_at
from adapters.page_text import text_of
from exchange_schemas.batch import LINE
from exchange_schemas.errors import HubError, Misdeclared, SourceUnreadable
from tests.adapters.conftest import Desk
from tests.adapters.test_format_html import cells, codes, fault, read_file

ROW = "<table><tr><th>名称<th>文号<tr><td>茂名㐀<td>〔1〕</table>"


@pytest.fixture
def page(tmp_path: Path) -> Any:
    def read(content: str | bytes, *columns: str, **told: Any) -> Any:
        path = tmp_path / "p.html"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path, *columns, **told)

    return read


@pytest.mark.parametrize(
    ("head", "encoding", "told"),
    [
        ("", "utf-8", {}),
        ("<meta charset='GB2312'>", "gb18030", {}),
        ('<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=gbk">', "gb18030", {}),
        ('<?xml version="1.0" encoding="GB2312"?>', "gb18030", {}),
        ("<!-- <meta charset=big5> --><meta charset=gbk>", "gb18030", {}),
        ("<meta charset=big5>", "gb18030", {"encoding": "gb18030"}),
        ("\ufeff<meta charset=gbk>", "utf-8", {}),
        ("<meta charset=gbk>", "utf-16", {}),
        ("<meta charset=utf-16>", "utf-8", {}),
    ],
)
def test_encodings(page: Any, head: str, encoding: str, told: dict[str, str]) -> None:
    assert cells(page((head + ROW).encode(encoding), **told)) == [("茂名㐀", "〔1〕")]


def test_wrong_bytes_have_a_place(page: Any) -> None:
    content = ("<meta charset=gbk>\n" + ROW).encode("utf-8")
    with pytest.raises(SourceUnreadable) as caught:
        page(content.replace("茂".encode(), b"\x81\x20"))
    assert caught.value.issue.code == "bytes_invalid"
    assert int(caught.value.issue.params["offset"]) > 18
    assert fault(page, "<meta charset=x-mac-chinesesimp>" + ROW) == (
        "html_encoding", "x-mac-chinesesimp")  # fmt: skip
    assert fault(page, b"") == ("file_empty", None)
    assert fault(page, b"<table>\0</table>")[0] == "byte_nul"


def test_a_header_of_two_rows(page: Any) -> None:
    content = """<table><thead><tr><th colspan=4>2023年抽检<tr><th rowspan=2>企业<th colspan=2>数量
        <th rowspan=2>备注<tr><th>合格<th>不合格</thead><tr><td>a<td>1<td>2<td>b</table>"""
    found = page(content)
    assert found.rows.columns == [LINE, "企业", "数量/合格", "数量/不合格", "备注"]
    assert cells(found) == [("a", "1", "2", "b")]
    plain = content.replace("<thead>", "").replace("</thead>", "")
    assert page(plain, header_rows=2).rows.columns == found.rows.columns
    assert page(plain, header_row=2, header_rows=2).rows.columns == found.rows.columns
    told = {"header_rows": 2, "table": {"having": ["数量/合格", "备注"]}}
    assert cells(page(plain, **told)) == cells(found)


def test_rows_that_do_not_fit(page: Any) -> None:
    content = """<table><tr><th>a<th>b<tr><td>1<td>2\n<tr><td>3\n<tr><td>4<td>5<td>6\n<tr><td> <td>&nbsp;
        <tr hidden><td>7<td>8<tr><td>9<td style="display: none">x<td>10
        <tr><td colspan=2>共 1 页</table>"""
    found = page(content)
    assert cells(found) == [("1", "2"), ("9", "10")]
    assert codes(found) == [("row_length", 2), ("row_length", 3), ("row_blank", 4),
                            ("html_row_spanning", 6), ("html_row_hidden", 5)]  # fmt: skip
    assert found.unreadable == 2


def test_no_records(page: Any) -> None:
    found = page("<table><tr><th>a<th>b<tr><td colspan=2>暂无数据</table>")
    assert (cells(found), found.rows.columns) == ([], [LINE, "a", "b"])


def test_a_title_above_the_header(page: Any) -> None:
    found = page("<table><tr><td colspan=2>公示<tr><td>a<td>b<tr><td>1<td>2</table>")
    assert (found.rows.columns, cells(found)) == ([LINE, "a", "b"], [("1", "2")])


def test_links_of_chosen_columns(page: Any) -> None:
    content = """<table><tr><th>a<th>b<tr><td><a href="x?1">1</a> <a href=y>2</a> <a hidden href=z></a>
        <td><a href=w>3</a></table>"""
    found = page(content, links=["a"])
    assert found.rows.to_dicts() == [{LINE: 1, "a": "1 2", "b": "3", "a#href": '["x?1", "y"]'}]
    assert page(content, links=True).rows.columns == [LINE, "a", "b", "a#href", "b#href"]


def test_pairs(page: Any) -> None:
    content = """<dl><dt>名称：<dd>甲<dt>空<dd></dl><table><tr><td>统一社会<br>信用代码:<td>9144
        <table><tr><td>里<td>面</table><tr><td>a<td>1<td>b<td>2<tr><td>一<td>二<td>三</table>"""
    [record] = page(content, record={"pairs": True}).rows.to_dicts()
    assert record == {LINE: 1, "名称": "甲", "空": None, "统一社会信用代码": "9144", "里": "面"}
    [record] = page(content, record={"pairs": "alternate", "within": "table"}).rows.to_dicts()
    assert record["a"] == "1" and record["b"] == "2" and "名称" not in record


def test_a_record_for_each_element(page: Any) -> None:
    content = (
        "<ul><li class=x><b>1</b><i>a</i></li>\n<li class=x><b>2</b></li><li class=x></li></ul>"
    )
    told = {"each": "li.x", "fields": {"n": "b", "t": "i/text()"}}
    found = page(content, record=told)
    assert found.rows.rows() == [(1, "1", "a"), (2, "2", None)]
    assert codes(found) == [("html_record_missing", 2)]
    assert found.unreadable == 1


def test_a_page_of_something_else_is_one_row_lost(page: Any) -> None:
    found = page("<p>系统繁忙</p>", "名称", record={"pairs": True})
    assert (found.rows.columns, found.rows.height, found.unreadable) == ([LINE, "名称"], 0, 1)


PAGE = html.document_fromstring("""<div id=one class="a b"><p data-x="u/1">eins</p><p>zwei <b>drei</b></p>
    <a href="/detail/1.html">x</a><a href="/list/2.pdf">y</a></div><div class="ab"><p>vier</p></div>""")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("p", ["eins", "zwei drei", "vier"]),
        (".a > p", ["eins", "zwei drei"]),
        ("div#one.a.b p b", ["drei"]),
        ("#one p:nth-of-type(2)", ["zwei drei"]),
        ("p[data-x]", ["eins"]),
        ('p[data-x="u/1"]', ["eins"]),
        ('a[href*="/detail/"]::attr(href)', ["/detail/1.html"]),
        ("a[href^='/list']", ["y"]),
        ("a[href$='.pdf'], b", ["drei", "y"]),
        ("//p[2]", ["zwei drei"]),
        (".//b", ["drei"]),
        ("div/p/@data-x", ["u/1"]),
        ("count(//p)", ["3"]),
        ("normalize-space(//b)", ["drei"]),
        ("(//p)[1]", ["eins"]),
        ("div.x", []),
    ],
)
def test_paths(path: str, expected: list[str]) -> None:
    body = PAGE.find("body")
    assert texts_at(path, body) == expected


@pytest.mark.parametrize("path", ["//p[", "p:hover", "a ~ b", "p &", "document('x')//a"])
def test_wrong_paths(path: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        texts_at(path, PAGE)
    assert caught.value.issue.code == "page_path_invalid"


@given(st.text(st.sampled_from(list("ab.#>[]='\"*:, ()/")), max_size=12))
def test_any_path_is_used_or_refused(path: str) -> None:
    try:
        as_xpath(path)
        elements_at(path, PAGE)
    except Misdeclared as error:
        assert error.issue.code == "page_path_invalid"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a\n b<br>c", "a b\nc"),
        ("<p>a</p><p>b</p>c", "a\nb\nc"),
        ("<script>x</script>a<style>y</style>b", "ab"),
        ("a<span style='DISPLAY : NONE'>x</span>b<i hidden>y</i>", "ab"),
        ("a<table><tr><td>x</table>b", "ab"),
        ("&nbsp;a&nbsp; &#12288;b\u3000", "a \u3000b"),
    ],
)
def test_text_as_it_is_seen(content: str, expected: str) -> None:
    assert text_of(html.fragment_fromstring(f"<div>{content}</div>")) == expected


def test_lines_beyond_those_that_the_parser_keeps(page: Any) -> None:
    body = "".join(f"<tr title='<tr>'>\n<td>{n}</tr>" for n in range(70_000))
    found = page(f"<table><tr><th>n{body}</table>")
    assert found.rows[LINE].to_list() == list(range(1, 70_001))
    assert found.rows["n"].to_list() == [str(n) for n in range(70_000)]


HOSTILE = {
    "attributes": "<p " + "".join(f"a{n}=1 " for n in range(200_000)) + ">x</p>",
    "quoted attributes": "<p " + "".join(f"a{n}='>'" for n in range(100_000)) + ">x</p>",
    "depth": "<div>" * 100_000,
    "spans": "<table><tr><th>a<th>b"
    + "".join(f"<th>{n}" for n in range(1998))
    + "<tr>"
    + "<td colspan=1000 rowspan=65534>x" * 2
    + "<tr>" * 65_000,
    "columns": "<table><tr>" + "<td>x" * 1_000_000,
    "text": "<table><tr><td>" + "x" * 30_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_meant_to_do_harm(desk: Desk, name: str) -> None:
    start = time.monotonic()
    with pytest.raises(HubError) as caught:
        desk.read(HOSTILE[name], "p.html", format={"kind": "html"})
    assert caught.value.issue.code in ("format_invalid", "html_table_missing")
    assert time.monotonic() - start < 5
