"""XML: rows at a path, in any encoding that it declares, and whatever is meant to harm refused."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.format_xml import read_xml
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue
from tests.adapters.conftest import Desk, Read

FIELDS = {"subject_name": {"from": "a", "optional": True}}


def read(desk: Desk, text: str | bytes, rows: str = "//r", told: Any = None, **more: Any) -> Read:
    format_ = {"kind": "xml", "rows": rows, **more}
    return desk.read(text, "d.xml", **{"format": format_, "fields": FIELDS, **(told or {})})


def stopped(desk: Desk, text: str | bytes, rows: str = "//r", **more: Any) -> Issue:
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, text, rows, **more)
    issue = caught.value.issue
    assert issue.file == "d.xml"
    for locale in ("en", "zh_CN"):
        assert "{" not in issue.message(locale)
    return issue


def test_every_child_is_a_column(desk: Desk) -> None:
    found = read(
        desk,
        '<d><r id="1"><a> 甲 </a><b/><c>&lt;1&#13;</c></r>\n<r><a><![CDATA[<乙>]]></a></r>\n'
        "<r><d>x</d><a>丙</a></r></d>",
    )
    assert found.rows.columns == ["_line", "@id", "a", "b", "c", "d"]
    assert found.rows.rows() == [
        (1, "1", " 甲 ", None, "<1\r", None),
        (2, None, "<乙>", None, None, None),
        (3, None, "丙", None, None, "x"),
    ]


def test_what_is_nested_and_repeated(desk: Desk) -> None:
    found = read(
        desk,
        '<d><r><o k="1"><p>甲</p><q><s>2</s></q></o><t>x</t><t/><t>"y</t></r>'
        "<r>own<t>z</t> text</r><r><o>left <b>bold</b> right</o></r>"
        "<r><a>x<!-- c -->y<?pi z?>z</a></r></d>",
        lists=["t"],
    )
    rows = [{k: v for k, v in row.items() if v is not None} for row in found.rows.to_dicts()]
    assert rows == [
        {"_line": 1, "o.@k": "1", "o.p": "甲", "o.q.s": "2", "t": '["x", "", "\\"y"]'},
        {"_line": 1, "t": '["z"]', "text()": "own text"},
        {"_line": 1, "o": "left  right", "o.b": "bold"},
        {"_line": 1, "a": "xyz"},
    ]


def test_declared_columns(desk: Desk) -> None:
    columns = {"文号": "CF_WSH", "城市": "addr/city", "编号": "@id", "批次": "../Header/flow",
               "日期": "../@date", "无": "addr/none", "单位": "addr/@unit", "文": "text()"}  # fmt: skip
    found = read(
        desk,
        '<D date="2026-01-02"><Header><flow>f1</flow></Header><r id="7"><CF_WSH>1号</CF_WSH>'
        '<addr unit="u"><city>高州</city></addr><more/></r><r><CF_WSH>2号</CF_WSH></r></D>',
        "/D/r",
        {"fields": {"subject_name": "文号"}},
        columns=columns,
    )
    assert found.rows.columns == ["_line", *columns]
    assert found.rows.rows() == [
        (1, "1号", "高州", "7", "f1", "2026-01-02", None, "u", None),
        (1, "2号", None, None, "f1", "2026-01-02", None, None, None),
    ]
    assert [(i.code, i.value) for i in found.issues if i.severity == "info"] == [
        ("xml_left_out", "more")
    ]


@pytest.mark.parametrize(
    ("rows", "more", "count"),
    [
        ("/d/l/r", {}, 2),
        ("//l/r", {}, 2),
        ("/d/*/r", {}, 3),
        ("//r", {}, 3),
        ("//p:r", {}, 1),
        ("//x:r", {"namespaces": {"x": "urn:p"}}, 1),
        ("//x:r", {"namespaces": {"x": "urn:other"}}, 0),
        ("/d", {}, 1),
    ],
)
def test_paths(desk: Desk, rows: str, more: Any, count: int) -> None:
    text = '<d xmlns:p="urn:p"><l><r><a>1</a><r>in</r></r><r/></l><m><p:r p:k="v"/></m></d>'
    found = read(desk, text, rows, **more)
    assert found.rows.height == count
    missing = [i.value for i in found.issues if i.code == "xml_rows_missing"]
    assert missing == ([] if count else [rows])


@pytest.mark.parametrize("path", ["r", "/a//b", "/a/", "//*", "/a[1]", "//a/@b", ""])
def test_a_path_that_says_nothing(desk: Desk, path: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        read(desk, "<d/>", path)
    assert caught.value.issue.code == "feed_invalid"


def test_an_empty_list_and_a_wrong_place(desk: Desk) -> None:
    assert read(desk, "<d><l/></d>", "/d/l/r").rows.height == 0
    assert stopped(desk, "<d><l/></d>", "/d/m/r").code == "xml_place_missing"


@pytest.mark.parametrize(
    ("declared", "codec", "option"),
    [
        ("gb2312", "gb18030", None),
        ("GBK", "gb18030", None),
        ("GB18030", "gb18030", None),
        ("Big5", "big5", None),
        ("UTF-16", "utf-16", None),
        (None, "utf-16", None),
        (None, "utf-8", None),
        ("utf-8", "utf-8-sig", None),
        ("gb2312", "utf-8-sig", None),
        ("utf-8", "gb18030", "gb18030"),
        (None, "utf-16-le", None),
    ],
)
def test_encodings(desk: Desk, declared: str | None, codec: str, option: str | None) -> None:
    said = f" encoding='{declared}'" if declared else ""
    text = f"<?xml version='1.0'{said}?>\n<!-- 說明 -->\n<d><r><a>茂名</a></r></d>"
    found = read(desk, text.encode(codec), **({"encoding": option} if option else {}))
    assert found.rows.rows() == [(3, "茂名")]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"", "file_empty", None),
        (b" \n", "file_empty", None),
        (b"<d><r><a>\xc3\xaf\xc3\xfb</a></r></d>", "bytes_invalid", 1),
        (b"<?xml version='1.0' encoding='gb2312'?>\n<d>\xff</d>", "bytes_invalid", 2),
        (b"<?xml version='1.0' encoding='utf-16'?><d/>", "xml_encoding", 1),
        (b"<?xml version='1.0' encoding='x-none'?><d/>", "xml_encoding", 1),
        (b"<d>\n<r>\0</r></d>", "byte_nul", 2),
        (b"hello", "xml_invalid", 1),
        (b"<d>\n<r>\n</d>", "xml_invalid", 3),
        (b"<d>\n<r/>", "xml_invalid", 2),
        (b"<d>\n<r>&nbsp;</r></d>", "xml_invalid", 2),
        (b"<d>\n<r>\x0b</r></d>", "xml_invalid", 2),
        (b"<d/>\n<d/>", "xml_invalid", 2),
        (b"<d><r x='1' x='2'/></d>", "xml_invalid", 1),
        (b"<?xml version='1.0'?>\n<!doctype d><d/>", "xml_doctype", 2),
        (b"<!--" + b" " * (2 << 20) + b"--><!DOCTYPE d><d/>", "xml_too_large", None),
    ],
)
def test_what_stops_the_run(desk: Desk, content: bytes, code: str, line: int | None) -> None:
    issue = stopped(desk, content)
    assert (issue.code, issue.line) == (code, line)


def test_the_offset_of_a_wrong_byte_is_told(desk: Desk) -> None:
    assert stopped(desk, b"<d><r>\xff</r></d>").params["offset"] == "6"


BOMBS: dict[str, Callable[[], bytes]] = {
    "deep": lambda: b"<d>" * 300 + b"<r/>" + b"</d>" * 300,
    "deep row": lambda: b"<d><r>" + b"<a>" * 100_000,
    "columns": lambda: b"<d><r>" + b"".join(b"<c%d/>" % n for n in range(1_000_000)) + b"</r></d>",
    "columns over rows": lambda: b"<d>" + b"".join(b"<r><c%d/></r>" % n for n in range(90_000)),
    "attributes": lambda: b"<d><r " + b" ".join(b'a%x = ""' % n for n in range(1_000_000)) + b"/>",
    "a long row": lambda: b"<d><r>" + (b"<a>" + b"x" * (1 << 20) + b"</a>") * 20,
    "a long text": lambda: b"<d><r><a>" + b"x" * (12 << 20),
    "same child": lambda: b"<d><r>" + b"<a/>" * 2_000_000 + b"</r></d>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(desk: Desk, name: str) -> None:
    assert stopped(desk, BOMBS[name]()).code in ("xml_invalid", "xml_too_large")


@pytest.mark.parametrize("name", ["dtd", "external", "xmlbomb"])
def test_attacks(desk: Desk, shared: Path, name: str) -> None:
    content = (shared / "data/xml-attacks" / f"{name}.xml").read_bytes()
    assert stopped(desk, content, "/root").code == "xml_doctype"


@pytest.mark.parametrize("name", ["simple", "simple-ns"])
def test_simple_files_of_the_attacks_collection(desk: Desk, shared: Path, name: str) -> None:
    content = (shared / "data/xml-attacks" / f"{name}.xml").read_bytes()
    told = {"fields": {"subject_name": "text()"}, "ignore": {"@key": "-"}}
    found = read(desk, content, "//element", told)
    line = 4 if name == "simple-ns" else 3
    assert found.rows.columns == ["_line", "@key", "text()"]
    assert found.rows.rows() == [(line, "value", "text"), (line + 1, None, "text")]


def test_feeds_of_web_sites(desk: Desk, shared: Path) -> None:
    paths = sorted((shared / "data/encodings/gb2312_feeds").glob("*.xml"))
    feeds = [path for path in paths if not path.name.startswith("_chromium")]
    assert len(feeds) == 9
    for path in feeds:
        content = path.read_bytes()
        items = re.findall(r"<item[ >].*?</item>", content.decode("gb18030"), re.DOTALL)
        titles = [re.findall(r"<title>(.*?)</title>", item, re.DOTALL)[0] for item in items]
        found = read(desk, content, "//item", columns={"a": "title"})
        wanted = [ElementTree.fromstring(f"<t>{title}</t>").text for title in titles]  # noqa: S314
        assert found.rows["a"].to_list() == wanted
        assert wanted


def test_a_web_page_that_calls_itself_xml(desk: Desk, shared: Path) -> None:
    name = "_chromium_gb18030_with_no_encoding_specified.html.xml"
    content = (shared / "data/encodings/gb2312_feeds" / name).read_bytes()
    assert stopped(desk, content).code == "bytes_invalid"
    assert stopped(desk, content, encoding="gb18030").code == "xml_doctype"


def test_lines_beyond_65535_and_many_batches(desk: Desk) -> None:
    text = "".join(f"<r><a>茂名{n}</a></r>\n" for n in range(200_000))
    found = read(desk, f"<d>\n<x>{'<y/>' * 300_000}</x>{text}</d>", "/d/r")
    assert len(found.batches) > 1
    assert found.rows["_line"].to_list() == list(range(2, 200_002))
    assert found.rows["a"].to_list() == [f"茂名{n}" for n in range(200_000)]


def test_columns_that_turn_up_late(desk: Desk) -> None:
    early = "<r><x>1</x></r>" * 50_000
    text = f"<d>{early}<r><a>甲</a><z>1</z></r>{early}{'<r><v>1</v><w/></r>' * 50_000}</d>"
    told = {"fields": {"subject_name": "a"}, "ignore": {"x": "-", "w": "-"}}
    found = read(desk, text, told=told)
    assert {tuple(batch.rows.columns) for batch in found.batches} == {("_line", "x", "a", "z")}
    unknown = [i.value for i in found.issues if i.code == "column_unknown"]
    assert unknown == ["z", "v"]
    assert found.rows.height == 150_001
    assert found.rows["a"].drop_nulls().to_list() == ["甲"]


NAMES = st.sampled_from(["a", "b", "名称", "CF_WSH", "_line", "x.y"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8).filter(
    lambda text: not re.search("[\ufffe\uffff]", text)
)
RECORDS = st.lists(st.dictionaries(NAMES, TEXTS | st.just("\n\t "), max_size=6), max_size=8)


@given(RECORDS, st.booleans(), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_what_is_written_is_read(
    records: list[dict[str, str]], pretty: bool, encoding: str
) -> None:
    gap = "\n  " if pretty else ""
    rows = "".join(
        f"{gap}<r>"
        + "".join(f"{gap}<{n}>{escape(t)}</{n}>" for n, t in one.items())
        + f"{gap}</r>"
        for one in records
    )
    text = f'<?xml version="1.0" encoding="{encoding}"?><d>{rows}</d>'
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "d.xml"
        path.write_bytes(text.encode(encoding))
        desk = Desk(Path(name))
        feed = desk.declare(format={"kind": "xml", "rows": "/d/r"}, fields=FIELDS)
        artefact = Artefact("", path, path.stat().st_size, path.name)
        found = Read(list(read_xml(feed, artefact))).rows
    wanted = [{n: t for n, t in one.items() if t} for one in records]
    given_ = [
        {n.removeprefix("#"): v for n, v in row.items() if n != "_line" and v is not None}
        for row in found.to_dicts()
    ]
    assert json.dumps(given_, sort_keys=True) == json.dumps(wanted, sort_keys=True)
