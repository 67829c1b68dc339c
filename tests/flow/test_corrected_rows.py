"""Rejected rows go to the department as a workbook, and come back corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from exchange_schemas.errors import Misdeclared, Refused
from hub import quarantine
from hub.quarantine_book import write_book
from hub.tables_of_runs import correction
from hub.work import work_now
from tests.flow.conftest import HEADER, Desk, code, counts, row

SOURCES = {"established_on": ("成立日期",), "uscc": ("代码",)}


def export(desk: Desk, path: Path) -> None:
    with desk.engine.connect() as connection:
        write_book(path, "desk", quarantine.rows(connection), SOURCES)


def correct(path: Path, **cells: str) -> None:
    """Put these cells, by column, into the workbook's first row."""
    book = load_workbook(path)
    sheet = book["隔离区"]
    names = [cell.value for cell in sheet[1]]
    for name, value in cells.items():
        sheet.cell(2, names.index(name) + 1).value = value
    book.save(path)


def replay(desk: Desk, path: Path) -> dict[str, Any]:
    told = {"feed": str(desk.folder / "desk.yml"), "file": str(path), "actor": "张三"}
    return work_now(desk.site, desk.engine, "correction", told)


@pytest.fixture
def book(desk: Desk, tmp_path: Path) -> Path:
    """The workbook of a delivery with one wrong row of two."""
    desk.feed()
    desk.write(row(1), row(2, 成立日期="2020-13-01"))
    assert counts(desk.run()) == (2, 1, 1, 1, 0, 0, 0)
    path = tmp_path / "wrong.xlsx"
    export(desk, path)
    return path


def waiting(desk: Desk) -> list[quarantine.RejectedRow]:
    with desk.engine.connect() as connection:
        return quarantine.rows(connection)


def test_a_corrected_row_becomes_a_record_and_keeps_who_and_when(desk: Desk, book: Path) -> None:
    correct(book, 成立日期="2020-12-01")
    assert counts(replay(desk, book)) == (1, 1, 0, 1, 0, 0, 0)
    with desk.engine.connect() as connection:
        (kept,) = connection.execute(select(correction)).mappings()
    assert (kept["actor"], kept["key"], kept["line"]) == ("张三", code(2), 3)
    assert "2020-13-01" in kept["before"] and "2020-12-01" in kept["after"]
    assert waiting(desk) == []


def test_giving_it_back_again_changes_nothing(desk: Desk, book: Path) -> None:
    correct(book, 成立日期="2020-12-01")
    replay(desk, book)
    with pytest.raises(Refused) as caught:
        replay(desk, book)
    assert caught.value.issue.code == "correction_none"
    assert (desk.count("revision"), desk.count("correction")) == (2, 1)


def test_while_the_source_still_sends_the_wrong_row_the_record_stands(
    desk: Desk, book: Path
) -> None:
    correct(book, 成立日期="2020-12-01")
    replay(desk, book)
    assert counts(desk.run()) == (2, 1, 1, 0, 0, 1, 0)
    assert desk.count("head") == 2
    assert waiting(desk) == []  # it is corrected already
    desk.write(row(1))
    assert desk.run(accept=True)["gone"] == 1  # the source let it go


def test_even_where_the_wrong_row_has_no_readable_key(desk: Desk, tmp_path: Path) -> None:
    desk.feed()
    desk.write(*(row(n) for n in range(5)), row(7, 代码=""))
    desk.run()
    path = tmp_path / "wrong.xlsx"
    export(desk, path)
    correct(path, 代码=code(7))
    assert replay(desk, path)["added"] == 1
    assert desk.run()["gone"] == 0
    assert desk.count("head") == 6


def test_a_row_that_is_still_wrong_stays(desk: Desk, book: Path) -> None:
    correct(book, 成立日期="2020-14-01")
    assert counts(replay(desk, book)) == (1, 0, 1, 0, 0, 0, 0)
    assert [one.line for one in waiting(desk)] == [3]
    correct(book, 成立日期="2020-12-01")
    assert replay(desk, book)["added"] == 1


def test_a_row_that_could_not_be_split(desk: Desk, tmp_path: Path) -> None:
    desk.feed()
    desk.write(row(1), row(2) + ",多余")
    assert desk.run()["rejected"] == 1
    path = tmp_path / "wrong.xlsx"
    export(desk, path)
    correct(path, 原文=row(2))
    assert replay(desk, path)["added"] == 1
    assert waiting(desk) == []


def test_nothing_corrected(desk: Desk, book: Path) -> None:
    with pytest.raises(Refused) as caught:
        replay(desk, book)
    assert caught.value.issue.code == "correction_none"


@pytest.mark.parametrize(
    ("column", "value", "issue"), [("编号（勿改）", "99:1", "correction_row")]
)
def test_a_row_that_nobody_rejected(
    desk: Desk, book: Path, column: str, value: str, issue: str
) -> None:
    correct(book, **{column: value})
    with pytest.raises(Misdeclared) as caught:
        replay(desk, book)
    assert caught.value.issue.code == issue


def test_a_workbook_of_somebody_else(desk: Desk, book: Path) -> None:
    loaded = load_workbook(book)
    del loaded["_quarantine"]
    loaded.save(book)
    with pytest.raises(Misdeclared) as caught:
        replay(desk, book)
    assert caught.value.issue.code == "correction_foreign"


def test_a_missing_column(desk: Desk, book: Path) -> None:
    loaded = load_workbook(book)
    sheet = loaded["隔离区"]
    sheet.delete_cols([cell.value for cell in sheet[1]].index("地址") + 1)
    loaded.save(book)
    with pytest.raises(Misdeclared) as caught:
        replay(desk, book)
    assert (caught.value.issue.code, caught.value.issue.value) == ("correction_column", "地址")


def test_cells_keep_what_excel_cannot_show(desk: Desk, tmp_path: Path) -> None:
    """A long or broken text comes back as it was, not as the workbook had it."""
    text = "茂名" * 20_000
    assert HEADER.endswith("地址")
    desk.feed()
    desk.write(row(1, 成立日期="错", 地址=f'"{text}"'))
    desk.run()
    path = tmp_path / "wrong.xlsx"
    export(desk, path)
    correct(path, 成立日期="2020-01-01")
    replay(desk, path)
    with desk.engine.connect() as connection:
        (kept,) = connection.execute(select(correction.c.after)).scalars()
    assert text in kept
