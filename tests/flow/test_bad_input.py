"""Bad input through the whole pipeline: what is said, in both languages, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.feed import Feed
from exchange_schemas.batch import Batch
from exchange_schemas.errors import HubError, Misdeclared, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue
from hub import quarantine, reading
from hub.quarantine_book import write_book
from tests.flow.conftest import HEADER, Desk, code, counts, row


def only_rejected(desk: Desk) -> quarantine.RejectedRow:
    with desk.engine.connect() as connection:
        (found,) = quarantine.rows(connection)
    return found


def says(issue: Issue, *words: str) -> None:
    """Both messages have all words (English and Chinese differ only in the text around them)."""
    for locale in ("zh_CN", "en"):
        message = issue.message(locale)
        assert all(word in message for word in words), message
        assert "{" not in message
    assert issue.message("zh_CN") != issue.message("en")


def refused(desk: Desk, kind: type[HubError], code_: str, **told: Any) -> Issue:
    with pytest.raises(kind) as caught:
        desk.run(desk.feed(**told))
    assert caught.value.issue.code == code_
    assert desk.count("revision") == 0
    return caught.value.issue


def test_missing_file(desk: Desk) -> None:
    says(refused(desk, SourceUnavailable, "file_missing"), "delivery.csv")


def test_empty_file(desk: Desk) -> None:
    desk.write_bytes(b"")
    says(refused(desk, SourceUnreadable, "file_empty"), "delivery.csv")
    assert desk.count("run") == 1  # kept as failed


def test_header_only(desk: Desk) -> None:
    desk.write()
    result = desk.run()
    assert counts(result) == (0, 0, 0, 0, 0, 0, 0)
    assert [note["code"] for note in result["notes"]] == ["header_only"]


def test_wrong_encoding_names_the_offset_and_bytes(desk: Desk) -> None:
    text = "\n".join([HEADER, row(1), ""])
    desk.write_bytes(text.encode("gb18030"))
    issue = refused(desk, SourceUnreadable, "bytes_invalid")
    says(issue, "delivery.csv", "utf-8", "0")


def test_invalid_byte_in_the_middle(desk: Desk) -> None:
    good = "\n".join([HEADER, row(1), ""]).encode()
    desk.write_bytes(good + b"\xff\xfe" + row(2).encode())
    issue = refused(desk, SourceUnreadable, "bytes_invalid")
    says(issue, str(len(good)), "delivery.csv")


@pytest.mark.parametrize("line", [row(2) + ",多", row(2).rsplit(",", 1)[0]])
def test_too_many_or_too_few_fields(desk: Desk, line: str) -> None:
    desk.write(row(1), line, row(3))
    assert counts(desk.run()) == (3, 2, 1, 2, 0, 0, 0)
    found = only_rejected(desk)
    assert found.line == 3
    says(found.issues[0], "3", str(line.count(",") + 1), "5")


def test_unknown_column_is_reported_and_not_dropped_silently(desk: Desk) -> None:
    desk.write(row(1) + ",x", header=HEADER + ",新列")
    result = desk.run()
    assert counts(result) == (1, 1, 0, 1, 0, 0, 0)
    assert [note["code"] for note in result["notes"]] == ["column_unknown"]
    assert "新列" in result["notes"][0]["message"]


def test_missing_column_stops_the_run(desk: Desk) -> None:
    desk.write("a,b", header="名称,代码")
    says(refused(desk, SourceUnreadable, "column_missing"), "成立日期", "delivery.csv")


def test_the_same_key_twice_in_one_file(desk: Desk) -> None:
    desk.write(row(1), row(2), row(1), row(2, 地址="别处"))
    result = desk.run()
    assert counts(result) == (4, 2, 2, 2, 0, 0, 0)
    assert result["issues"]["row_duplicate"] == 1
    assert result["issues"]["key_duplicate"] == 1
    with desk.engine.connect() as connection:
        first, second = quarantine.rows(connection)
    says(next(i for i in first.issues if i.code == "row_duplicate"), "4", "2")
    says(next(i for i in second.issues if i.code == "key_duplicate"), code(2), "3")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"成立日期": "2020-02-30"}, "date_unreadable"),
        ({"成立日期": "去年"}, "date_unreadable"),
        ({"资本": "一些"}, "amount_unreadable"),
        ({"代码": code(7)[:17] + ("0" if code(7)[17] != "0" else "1")}, "check_digit"),
        ({"代码": "12345"}, "format"),
        ({"名称": ""}, "required"),
    ],
)
def test_an_unreadable_value(desk: Desk, cells: dict[str, str], expected: str) -> None:
    desk.write(row(1), row(7, **cells))
    assert counts(desk.run()) == (2, 1, 1, 1, 0, 0, 0)
    found = only_rejected(desk)
    assert found.line == 3
    issue = next(i for i in found.issues if i.code == expected)
    value = next(iter(cells.values()))
    says(issue, "3", value)
    title = {
        "成立日期": "成立日期",
        "资本": "注册资本",
        "代码": "统一社会信用代码",
        "名称": "名称",
    }
    assert title[next(iter(cells))] in issue.message("zh_CN")
    if expected == "check_digit":
        says(issue, code(7)[17])


def test_a_code_that_is_in_no_list(desk: Desk) -> None:
    desk.write(row(1))
    fields = {**BASE_FIELDS, "reg_state": {"value": "不存在的状态"}}
    result = desk.run(desk.feed(fields=fields))
    assert counts(result)[:3] == (1, 0, 1)
    says(next(i for i in only_rejected(desk).issues if i.code == "code_unknown"), "不存在的状态")


BASE_FIELDS: dict[str, Any] = {
    "subject_name": "名称",
    "uscc": "代码",
    "established_on": "成立日期",
    "registered_capital": {"from": "资本", "convert": "amount_wan"},
    "domicile": "地址",
}


@pytest.mark.parametrize("left", [0, 5])
def test_a_feed_that_lost_half_its_rows_or_all_is_held(desk: Desk, left: int) -> None:
    desk.write(*(row(n) for n in range(10)))
    desk.run()
    desk.write(*(row(n) for n in range(left)))
    held = desk.run()
    assert held["held"]
    codes = {note["code"] for note in held["notes"]}
    assert codes & {"feed_shrank", "feed_empty"}
    assert desk.count("head") == 10
    assert desk.count("revision") == 10
    assert desk.count("run") == 2
    accepted = desk.run(accept=True)
    assert not accepted["held"]
    assert accepted["gone"] == 10 - left
    assert desk.count("head") == left


def test_a_rejected_row_is_not_gone(desk: Desk) -> None:
    desk.write(*(row(n) for n in range(10)))
    desk.run()
    desk.write(*(row(n) for n in range(9)), row(9, 成立日期="错"))
    assert counts(desk.run()) == (10, 9, 1, 0, 0, 9, 0)
    assert desk.count("head") == 10


def test_nothing_is_removed_while_a_rejected_row_could_be_the_missing_one(desk: Desk) -> None:
    desk.write(*(row(n) for n in range(10)))
    desk.run()
    desk.write(*(row(n) for n in range(9)), row(9, 代码=""))
    result = desk.run()
    assert result["gone"] == 0
    assert "gone_not_applied" in result["issues"]
    again = desk.run()  # the same bad row was there before, so it never was a record
    assert again["gone"] == 1
    assert desk.count("head") == 9


@pytest.mark.parametrize(
    ("told", "expected", "word"),
    [
        ({"standard": "nothing_like_it"}, "dataset_unknown", "market_entity"),
        ({"version": "99"}, "version_unknown", "99"),
    ],
)
def test_a_feed_that_names_what_does_not_exist(
    desk: Desk, told: dict[str, Any], expected: str, word: str
) -> None:
    desk.write(row(1))
    says(refused(desk, Misdeclared, expected, **told), word)


def test_interrupted_in_mid_run_changes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write(*(row(n) for n in range(5)))
    desk.run()
    desk.write(*(row(n) for n in range(50)))
    real = reading.read

    def interrupted(feed: Feed, artefact: Any) -> Iterator[Batch]:
        yield from real(feed, artefact)
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    monkeypatch.undo()
    assert desk.count("revision") == 5
    assert desk.count("run") == 1


def test_the_quarantine_workbook_can_be_read_back(desk: Desk, tmp_path: Path) -> None:
    desk.write(row(1), row(2, 成立日期="错"))
    desk.run()
    path = tmp_path / "wrong.xlsx"
    with desk.engine.connect() as connection:
        rows = quarantine.rows(connection)
    write_book(path, "desk", rows, {"established_on": ("成立日期",)})
    from openpyxl import load_workbook

    sheet = load_workbook(path).active
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert cells[0][1:4] == ["位置", "问题与改法", "What is wrong"]
    columns = HEADER.split(",")
    columns.insert(columns.index("成立日期") + 1, "⚠ 成立日期")
    assert cells[0][4:] == columns
    assert cells[1][:2] == [f"{rows[0].run_id}:3", "delivery.csv:3"]
    assert "成立日期" in cells[1][2]
    assert cells[1][5] == code(2)
    assert cells[1][7] == rows[0].issues[0].message()
    assert sheet.cell(2, 7).fill.start_color.rgb == "FFFFD6D6"
    assert sheet.cell(2, 6).fill.start_color.rgb != "FFFFD6D6"
