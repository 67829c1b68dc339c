"""DBF: cells as they are kept, deleted records left out and told, damage named."""

from __future__ import annotations

import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from dbfread import DBF
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.artefact import Artefact
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_dbf import read_dbf
from adapters.rule import Rule
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk, Read
from tests.adapters.dbf_writer import dbf

COLUMNS = [("名称", "C", 20), ("金额", "N", 10), ("日期", "D", 8), ("有效", "L", 1)]
FIELDS = {"subject_name": "名称", "business_scope": "金额"}
ROWS = [
    ["茂名市鑫源商贸", "12.50", "20260131", "T"],
    ["㐀乙", "-3", "00000000", "?"],
    ["", "", "", ""],
]


def read(desk: Desk, content: bytes, encoding: str = "gbk", **told: Any) -> Read:
    kind = {"kind": "dbf", "encoding": encoding}
    return desk.read(content, "d.dbf", **{"format": kind, "fields": FIELDS, **told})


def stopped(desk: Desk, content: bytes) -> Any:
    with pytest.raises(SourceUnreadable) as caught:
        read(desk, content)
    issue = caught.value.issue
    assert issue.file == "d.dbf"
    assert issue.message("en") != issue.message("zh_CN")
    assert "{" not in issue.message("zh_CN")
    return issue


def test_cells_as_they_are_kept(desk: Desk) -> None:
    made = read(desk, dbf(COLUMNS, ROWS), ignore={"日期": "-", "有效": "-"})
    assert made.rows.columns == ["_line", "名称", "金额", "日期", "有效"]
    assert made.rows.rows() == [
        (1, "茂名市鑫源商贸", "12.50", "20260131", "T"), (2, "㐀乙", "-3", "", ""), (3, "", "", "", ""),
    ]  # fmt: skip
    assert made.issues == []


def test_deleted_records_are_passed_over_and_counted(desk: Desk) -> None:
    made = read(desk, dbf(COLUMNS, [ROWS[0]] * 5, deleted=[1, 3]))
    assert made.rows["_line"].to_list() == [1, 3, 5]
    (told,) = [i for i in made.issues if i.code == "record_deleted"]
    assert (told.line, told.value, told.severity) == (2, "2", "info")


def test_a_record_with_another_mark(desk: Desk) -> None:
    content = bytearray(dbf(COLUMNS, [ROWS[0]] * 3))
    content[content.index(b"\r") + 1 + 40] = 0x41
    made = read(desk, bytes(content))
    assert made.rows["_line"].to_list() == [1, 3]
    (told,) = [i for i in made.issues if i.code == "record_unmarked"]
    assert (told.line, told.value, made.unreadable) == (2, "41", 1)


def test_a_character_that_was_cut_in_two(desk: Desk) -> None:
    whole = "茂名市鑫源商贸店铺铺".encode("gbk")
    rows = [["甲", "1", "", ""], [b"x" + whole[:19], "1", "", ""], ["乙", "1", "", ""]]
    made = read(desk, dbf(COLUMNS, rows))
    (told,) = [i for i in made.issues if i.code == "bytes_cut"]
    assert (told.line, told.field, told.value) == (2, "subject_name", "x茂名市鑫源商贸店铺\ufffd")
    assert made.rows["名称"].to_list() == ["甲", "x茂名市鑫源商贸店铺\ufffd", "乙"]


def test_columns_of_more_than_255_characters(desk: Desk) -> None:
    made = read(desk, dbf([("名称", "C", 700), ("金额", "N", 5)], [["长" * 350, "1"]]))
    assert made.rows["名称"].to_list() == ["长" * 350]


def test_memo_columns_are_told(desk: Desk) -> None:
    columns = [("名称", "M", 10), ("金额", "C", 5), ("备注", "M", 10)]
    made = read(
        desk, dbf(columns, [["         7", "1", ""], ["", "2", "         8"]], version=0x83)
    )
    assert [
        (i.code, i.line, i.field, i.value) for i in made.issues if i.code != "column_unknown"
    ] == [
        ("memo_unread", 1, "subject_name", None),
        ("column_memo", None, None, "备注"),
    ]


def test_numbers_of_visual_foxpro(desk: Desk) -> None:
    columns = [("名称", "I", 4), ("金额", "Y", 8), ("日期", "T", 8), ("数值", "B", 8)]
    record = [
        struct.pack("<i", -7), struct.pack("<q", 1_234_500), struct.pack("<LL", 2_461_072, 30_600_000),
        struct.pack("<d", 0.1 + 0.2),
    ]  # fmt: skip
    made = read(
        desk, dbf(columns, [record, [bytes(4), bytes(8), bytes(8), bytes(8)]], version=0x30)
    )
    assert made.rows.rows() == [
        (1, "-7", "123.4500", "2026-01-31T08:30:00", "0.3"), (2, "0", "0.0000", "", "0"),
    ]  # fmt: skip


def test_numbers_that_were_too_wide_stay_as_they_are(desk: Desk) -> None:
    made = read(desk, dbf(COLUMNS, [["甲", "**********", "", ""]]))
    assert made.rows["金额"].to_list() == ["**********"]


CELL = st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cs"]), max_size=6).map(
    str.strip
)


@given(st.lists(st.tuples(CELL, st.booleans()), max_size=20), st.integers(1, 200))
@settings(deadline=None)
def test_what_is_written_comes_back(rows: list[tuple[str, bool]], size: int) -> None:
    kept = [(n, text) for n, (text, gone) in enumerate(rows, 1) if not gone]
    gone = [n for n, (_, gone) in enumerate(rows) if gone]
    content = dbf([("A", "C", 24)], [[text] for text, _ in rows], "gb18030", gone)
    assert cells(content, size) == kept


def cells(content: bytes, size: int = 1 << 20) -> list[tuple[Any, ...]]:
    feed = Feed("f", {}, "s", None, Source("file"), Format("dbf", {"encoding": "gbk"}), "snapshot",
                (), {"a": Rule("a", ("A",))}, {}, Breaker(), Path("f.yml"))  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        artefact = Artefact("", path, len(content), "f.dbf")
        return [row for batch in read_dbf(feed, artefact, size) for row in batch.rows.rows()]


def test_the_same_as_another_reader(tmp_path: Path) -> None:
    content = dbf(
        [("A", "C", 24), ("B", "N", 8)], [["茂名", "12"], ["高州", "7"], ["x", "1"]], deleted=[2]
    )
    path = tmp_path / "f.dbf"
    path.write_bytes(content)
    other = [(n, row["A"], str(row["B"])) for n, row in enumerate(DBF(path, encoding="gbk"), 1)]
    assert cells(content) == other


PLAIN = dbf(COLUMNS, ROWS)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "file_empty", ""),
        (b"a,b\n1,2\n", "format_invalid", "it isn't a DBF table"),
        ("名称,金额\n".encode("gbk") * 50, "format_invalid", ""),
        (PLAIN[:40], "format_invalid", ""),
        (PLAIN[:-60], "format_invalid", "says 3 records and it holds 1"),
        (dbf(COLUMNS, ROWS, count=2), "format_invalid", "says 2 records and it holds 3"),
        (dbf(COLUMNS, ROWS, count=4_000_000_000), "format_invalid", "4,000,000,000 records"),
        (dbf([("A", "X", 5)], []), "format_invalid", "column A is of type X"),
        (dbf([("A", "I", 5)], []), "format_invalid", "column A is damaged"),
        (dbf([("A", "C", 5), ("A", "C", 5)], []), "column_duplicate", ""),
        (PLAIN[:15] + b"\1" + PLAIN[16:], "format_invalid", "it is encrypted"),
        (PLAIN[:10] + b"\0\0" + PLAIN[12:], "format_invalid", "its header is damaged"),
    ],
)
def test_what_cannot_be_read_says_why(desk: Desk, content: bytes, code: str, words: str) -> None:
    issue = stopped(desk, content)
    assert issue.code == code
    assert words in issue.message("en")


@given(st.lists(st.tuples(st.integers(0, 190), st.integers(0, 255)), max_size=5))
@settings(deadline=None)
def test_damaged_bytes_never_crash(changes: list[tuple[int, int]]) -> None:
    content = bytearray(
        dbf([("A", "C", 24), ("B", "N", 8), ("C", "D", 8)], [["茂名", "1", ""]] * 3)
    )
    for place, value in changes:
        content[place] = value
    try:
        cells(bytes(content))
    except SourceUnreadable as error:
        assert error.issue.file == "f.dbf"


def test_without_a_record_it_has_its_columns(desk: Desk) -> None:
    made = read(desk, dbf(COLUMNS, [], end=b""))
    assert made.rows.height == 0
    assert "header_only" in {issue.code for issue in made.issues}
