"""The catalogue of government information resources: an item for every field, in three forms."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from publisher.schema_formats.resource_catalogue import COLUMNS, WRITERS, Row, rows
from tests.publisher.schema_cases import CATALOGUE, STANDARDS


@pytest.fixture(scope="module")
def found() -> list[Row]:
    return rows(CATALOGUE)


def item(found: list[Row], name: str, title: str) -> Row:
    (row,) = [r for r in found if r["信息资源名称"] == name and r["信息项名称"] == title]
    return row


def test_every_field_of_every_dataset_has_a_row(found: list[Row]) -> None:
    expected = Counter(
        (one.resource_code, one.title, field.title)
        for one in STANDARDS
        for field in one.fields.values()
    )
    keys = ("信息资源代码", "信息资源名称", "信息项名称")
    assert Counter(tuple(row[key] for key in keys) for row in found) == expected
    assert all(set(row) == set(COLUMNS) for row in found)


def test_what_a_dataset_says(found: list[Row]) -> None:
    row = item(found, "行政处罚决定", "行政处罚决定书文号")
    assert row["信息资源分类"] == "部门信息资源"
    assert row["信息资源提供方"] == "市市场监督管理局"
    assert (row["更新周期"], row["发布日期"]) == ("2", "2018-07-25")
    assert (row["共享类型"], row["是否向社会开放"]) == ("1", "是")
    assert (row["信息项标识"], row["数据类型"], row["长度"]) == ("CF_WSH", "C", "128")
    market_entity = CATALOGUE.get("market_entity").resource_code
    assert row["关联资源代码"] == market_entity


def test_a_field_that_fewer_may_see_is_shared_with_fewer(found: list[Row]) -> None:
    row = item(found, "行政处罚决定", "税务登记号")
    assert (row["共享类型"], row["是否向社会开放"], row["开放条件"]) == ("2", "否", "")
    assert row["共享条件"] == "仅供政府部门履行职责使用"
    assert "脱敏：只保留姓氏" in item(found, "行政处罚决定", "行政相对人名称")["开放条件"]


def test_nothing_is_open_that_the_standard_keeps(found: list[Row]) -> None:
    public = {one.resource_code: one.public for one in STANDARDS}
    assert all(public[r["信息资源代码"]] for r in found if r["是否向社会开放"] == "是")
    kept = {
        (one.title, f.title)
        for one in STANDARDS
        for f in one.fields.values()
        if f.tier == "sealed"
    }
    assert kept
    for row in found:
        if (row["信息资源名称"], row["信息项名称"]) in kept:
            assert (row["共享类型"], row["共享方式"]) == ("3", "")
    assert all(row["共享条件"] for row in found if row["共享类型"] != "1")
    assert all("依据：" in row["共享条件"] for row in found if row["共享类型"] == "3")


def test_the_three_files_say_the_same(found: list[Row], tmp_path: Path) -> None:
    for suffix, write in WRITERS.items():
        write(found, tmp_path / f"catalogue{suffix}")
    raw = (tmp_path / "catalogue.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\r\n") == len(found) + 1
    with (tmp_path / "catalogue.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [dict(row) for row in csv.DictReader(file)] == [_ordered(row) for row in found]
    assert json.loads((tmp_path / "catalogue.json").read_text("utf-8")) == [
        _ordered(row) for row in found
    ]
    sheet = openpyxl.load_workbook(tmp_path / "catalogue.xlsx").active
    head, *body = ([cell or "" for cell in row] for row in sheet.iter_rows(values_only=True))
    assert tuple(head) == COLUMNS
    assert body == [list(_ordered(row).values()) for row in found]


def _ordered(row: Row) -> Row:
    return {name: row[name] for name in COLUMNS}
