"""Every kind of bad delivery has a message in both languages with file, place, value and advice."""

from __future__ import annotations

import pytest

from adapters.artefact import Store
from adapters.pull import pull
from exchange_schemas.errors import HubError, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue
from tests.adapters.conftest import Desk


def stopped(desk: Desk, content: bytes | str, **told: object) -> Issue:
    with pytest.raises(HubError) as caught:
        desk.read(content, **told)
    assert isinstance(caught.value, SourceUnreadable)
    return caught.value.issue


def test_missing_file(desk: Desk) -> None:
    feed = desk.declare()
    with pytest.raises(SourceUnavailable) as caught:
        pull(feed, Store(desk.folder / "raw"))
    assert "delivery.csv" in caught.value.issue.message("zh_CN")
    assert "没有文件" in caught.value.issue.message("zh_CN")


@pytest.mark.parametrize(
    ("content", "english", "chinese"),
    [
        (b"", "delivery.csv: the file has no content", "delivery.csv: 文件没有内容"),
        (
            "a,b\n甲,乙\n".encode("gb18030"),
            "delivery.csv line 2: bytes BC at offset 4 aren't utf-8",
            "偏移 4 处的字节 BC 不是 utf-8",
        ),
        ("a,b\n1,2\n".encode("utf-16-le"), "has a NUL byte", "含有 NUL 字节"),
        (b"a,c\n1,2\n", "has no column b (it has a、c); correct", "文件没有列 b（现有：a、c）"),
        (b"x;y\n1;2\n", "has no column a、b (it has x;y)", "文件没有列 a、b（现有：x;y）"),
        (b"a,b,a\n1,2,3\n", "has the name a twice", "列名 a 出现两次"),
        (b'a,b\n1,"2\n3,4\n', "delivery.csv line 2: a cell of the row", "引号没有闭合"),
    ],
)
def test_deliveries_that_stop_the_run(
    desk: Desk, content: bytes, english: str, chinese: str
) -> None:
    issue = stopped(desk, content)
    assert english in issue.message("en")
    assert chinese in issue.message("zh_CN")
    assert issue.file == "delivery.csv"


def test_header_only(desk: Desk) -> None:
    read = desk.read("a,b\n")
    (issue,) = read.issues
    assert (issue.code, issue.severity, read.rows.height, read.unreadable) == (
        "header_only",
        "warning",
        0,
        0,
    )
    assert "只有表头" in issue.message("zh_CN")


def test_only_unreadable_rows_are_not_header_only(desk: Desk) -> None:
    read = desk.read("a,b\n1\n")
    assert [issue.code for issue in read.issues] == ["row_length"]
    assert (read.rows.height, read.unreadable) == (0, 1)


def test_too_few_and_too_many_cells(desk: Desk) -> None:
    read = desk.read("a,b\n1\n1,2\n1,2,3\n")
    assert [(i.line, i.value, i.message("en")) for i in read.issues] == [
        (2, "1", "line 2: the row has 1 fields and the header 2; correct the row"),
        (4, "1,2,3", "line 4: the row has 3 fields and the header 2; correct the row"),
    ]
    assert "该行有 3 个单元格，表头有 2 个" in read.issues[1].message("zh_CN")
    assert (read.rows.height, read.unreadable) == (1, 2)


def test_unknown_column_is_told_and_stops_nothing(desk: Desk) -> None:
    read = desk.read("a,b,c,d\n1,2,3,4\n", ignore={"d": "没有用"})
    (issue,) = read.issues
    assert (issue.code, issue.severity, issue.value) == ("column_unknown", "warning", "c")
    assert read.rows.height == 1


def test_blank_rows_are_told_once(desk: Desk) -> None:
    read = desk.read("a,b\n1,2\n\n,\n3,4\n")
    (issue,) = read.issues
    assert (issue.code, issue.severity, issue.line, issue.value) == ("row_blank", "info", 3, "2")
    assert read.rows["_line"].to_list() == [2, 5]
