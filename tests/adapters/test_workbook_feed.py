"""A filled template says itself which standard it is for, and needs no declaration."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.artefact import Store
from adapters.feed_check import check_feed
from adapters.mapping import normalise
from adapters.pull import pull, read
from adapters.workbook_feed import MARK, workbook_feed
from exchange_schemas.batch import Batch
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import HubError, Misdeclared
from tests.adapters.workbooks import table, workbook, write

CATALOGUE = load_catalogue()
MARKS = [["dataset", "abnormal_operation_list"], ["version", "1"], ["header_row", 3]]
NAMES = ["entry_id", "subject_name", "listed_on", "report_year", "reason_code"]
ROW = ["A1", "茂名测试有限公司", date(2026, 1, 31), 2025, "1"]


def template(*rows: list[Any], marks: list[list[Any]] = MARKS, names: list[str] = NAMES) -> bytes:
    """A filled template: a title, the titles of the columns, their hidden names, then the rows."""

    def fill(book: Any, sheet: Any) -> None:
        write(
            book, sheet, [["经营异常名录"], [f"标题{n}" for n in range(len(names))], names, *rows]
        )
        sheet.set_row(2, None, None, {"hidden": True})
        mark = book.get_worksheet_by_name(MARK)
        write(book, mark, marks)
        mark.very_hidden()

    return workbook(fill, "经营异常名录", "填写说明", MARK)


def lay(folder: Path, content: bytes, name: str = "经营异常名录[茂南].xlsx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def take(path: Path) -> tuple[Batch, list[str]]:
    """The template's records and the codes of what was told."""
    feed = workbook_feed(path, CATALOGUE)
    standard = CATALOGUE.get(feed.standard, feed.version)
    assert check_feed(feed, CATALOGUE) == []
    raw = list(read(feed, pull(feed, Store(path.parent / "raw")).artefact))
    batches = [normalise(feed, standard, batch) for batch in raw]
    batch = Batch(pl.concat([b.rows for b in batches]), pl.concat([b.issues for b in batches]))
    return batch, batch.issues["code"].to_list()


def test_a_filled_template(tmp_path: Path) -> None:
    path = lay(tmp_path, template(ROW))
    feed = workbook_feed(path, CATALOGUE)
    assert (feed.name, feed.mode, feed.standard) == (
        "workbook_abnormal_operation_list", "increment", "abnormal_operation_list",
    )  # fmt: skip
    batch, codes = take(path)
    (row,) = batch.rows.to_dicts()
    assert {k: v for k, v in row.items() if v is not None} == {
        "_line": 4, "entry_id": "A1", "subject_name": "茂名测试有限公司",
        "listed_on": "2026-01-31", "report_year": 2025, "reason_code": "1",
    }  # fmt: skip
    assert codes == []


def test_a_column_that_is_no_field_is_told(tmp_path: Path) -> None:
    content = template([*ROW, "x"], names=[*NAMES, "remark_of_mine"])
    batch, codes = take(lay(tmp_path, content))
    assert codes == ["column_unknown"]
    assert batch.rows.height == 1


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        (MARKS[1:], "lacks dataset"),
        (MARKS[:2], "lacks header_row"),
        ([MARKS[0], ["version", ""], MARKS[2]], "lacks version"),
        ([*MARKS[:2], ["header_row", "x"]], "header_row is x"),
        ([*MARKS[:2], ["header_row", 0]], "header_row is 0"),
        ([["dataset", "nothing"], *MARKS[1:]], "there is no dataset nothing"),
        ([MARKS[0], ["version", "9"], MARKS[2]], "has no version 9"),
    ],
)
def test_a_template_that_was_tampered_with(
    tmp_path: Path, marks: list[list[Any]], words: str
) -> None:
    with pytest.raises(Misdeclared) as caught:
        workbook_feed(lay(tmp_path, template(ROW, marks=marks)), CATALOGUE)
    assert words in caught.value.issue.message("en")


def test_any_other_workbook(tmp_path: Path) -> None:
    with pytest.raises(Misdeclared) as caught:
        workbook_feed(lay(tmp_path, table(NAMES, ROW)), CATALOGUE)
    issue = caught.value.issue
    assert issue.code == "workbook_unmarked"
    assert "没有工作表 _standard" in issue.message("zh_CN")


def test_no_workbook_at_all(tmp_path: Path) -> None:
    with pytest.raises(HubError) as caught:
        workbook_feed(lay(tmp_path, b"entry_id\n1\n"), CATALOGUE)
    assert caught.value.issue.code == "workbook_other"
    with pytest.raises(Misdeclared) as missing:
        workbook_feed(tmp_path / "nothing.xlsx", CATALOGUE)
    assert missing.value.issue.code == "feed_unknown"
