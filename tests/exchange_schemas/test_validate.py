"""Batches against a standard: which rows pass, and what is said about the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

from exchange_schemas.issue import ISSUE_COLUMNS, Issue, issues_of
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check, uncompiled
from tests.exchange_schemas.conftest import batch_of

Record = Mapping[str, object]


def _issues(standard: Standard, record: Record) -> list[Issue]:
    return issues_of(check(standard, batch_of(standard, record)).issues)


def _only(standard: Standard, record: Record) -> Issue:
    (issue,) = _issues(standard, record)
    return issue


def test_a_good_batch_passes_whole(licence: Standard, good: Record) -> None:
    batch = batch_of(licence, good, good)
    checked = check(licence, batch)
    assert checked.rows.equals(batch.rows)
    assert checked.issues.is_empty()
    assert checked.issues.schema == ISSUE_COLUMNS


def test_a_batch_without_rows(licence: Standard) -> None:
    checked = check(licence, batch_of(licence))
    assert (checked.rows.height, checked.issues.height) == (0, 0)
    assert checked.issues.schema == ISSUE_COLUMNS


def test_only_errors_reject_and_columns_of_the_batch_stay(licence: Standard, good: Record) -> None:
    batch = batch_of(licence, {**good, "granted_on": None}, {**good, "years": 6}, good)
    rows = batch.rows.with_columns(pl.lit("x").alias("_more"))
    checked = check(licence, replace(batch, rows=rows))
    assert checked.rows["_line"].to_list() == [2, 4]
    assert checked.rows.columns == rows.columns
    told = checked.issues.select("line", "code", "field").rows()
    assert sorted(told) == [(2, "expected", "granted_on"), (3, "range", "years")]


MISTAKES = [
    ({"uscc": "91440902MA0000015Y"}, "统一社会信用代码 91440902MA0000015Y：校验位应为 X，请核对原件"),
    ({"uscc": "9144"}, "统一社会信用代码 9144：格式不对，应如 91440902MA0000015X，请核对原件"),
    ({"holder": None}, "许可证持有人不能为空，请补填"),
    ({"holder": "甲"}, "许可证持有人有 1 个字，至少要 2 个"),
    ({"holder": "甲" * 21}, "许可证持有人有 21 个字，最多 20 个，请缩短"),
    ({"granted_on": "2024-02-30"}, "发证日期 2024-02-30：格式不对，应如 2026-01-31，请核对原件"),
    ({"granted_on": None}, "发证日期为空，而官方数据标准要求填写；如已知请补填"),
    ({"years": 6}, "有效年数 6：超出允许范围 <= 5"),
    ({"licence_no": "ab1"}, "许可证号 ab1：不符合 ^[A-Z]{2}[0-9]{4}$ 的写法，请核对原件"),
    ({"currency": "XXX"}, "币种 XXX：不在代码表 currencies 中，请使用表内代码"),
    ({"division": "440999"}, "区划 440999：不在代码表 divisions 中，请使用表内代码"),
    ({"goods": []}, "货物 ：违反数据标准的规则 minItems 1"),
    ({"goods": ["甲乙丙丁戊", "荔枝"]}, "货物有 5 个字，最多 4 个，请缩短"),
    ({"goods": ["荔", "龙眼"]}, "货物有 1 个字，至少要 2 个"),
    ({"goods": ["荔枝", "荔枝"]}, "货物 荔枝；荔枝：违反数据标准的规则 uniqueItems"),
    ({"goods": ["荔枝;"]}, "货物 荔枝;：不符合 ^[^;]*$ 的写法，请核对原件"),
    ({"uscc": None}, "统一社会信用代码或注册号不能为空，请补填"),
    ({"currency": None}, "币种不能为空，请补填"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), MISTAKES)
def test_one_mistake_gives_one_message(
    licence: Standard, good: Record, change: Record, message: str
) -> None:
    issue = _only(licence, {**good, **change})
    assert issue.message() == f"第 2 行 {message}"
    assert issue.field in change


def test_messages_in_english(licence: Standard, good: Record) -> None:
    issue = replace(_only(licence, {**good, "uscc": "91440902MA0000015Y"}), file="a.csv")
    assert issue.message("en") == (
        "a.csv line 2: Credit code 91440902MA0000015Y: the check digit should be X; "
        "check the original"
    )
    assert "Credit code or Registration number must" in (
        _only(licence, {**good, "uscc": None}).message("en")
    )


@pytest.mark.parametrize(("value", "accepted"), [("330203", True), ("440902001", True)])
def test_divisions_of_other_cities_are_not_judged(
    licence: Standard, good: Record, value: str, accepted: bool
) -> None:
    assert bool(_issues(licence, {**good, "division": value})) is not accepted


def test_lists_of_codes(licence: Standard, good: Record) -> None:
    goods = {**licence.schema["properties"]["goods"], "x-codelist": "currencies"}
    properties = {**licence.schema["properties"], "goods": goods}
    standard = replace(licence, schema={**licence.schema, "properties": properties})
    assert not _issues(standard, {**good, "goods": ["CNY", "USD"]})
    assert _only(standard, {**good, "goods": ["CNY", "XXX"]}).code == "code_unknown"
    assert not _issues(standard, {**good, "goods": None})


def test_conditions_between_fields(licence: Standard, good: Record) -> None:
    person = {**good, "kind": "person"}
    told = {(i.code, i.field) for i in _issues(licence, person)}
    assert told == {("required", "cert_no"), ("forbidden", "uscc")}
    assert not _issues(licence, {**person, "uscc": None, "cert_no": "440902199001010011"})


def test_long_values_are_shown_cut(licence: Standard, good: Record) -> None:
    issue = _only(licence, {**good, "holder": "甲" * 900})
    assert issue.value == "甲" * 500
    assert issue.params["found"] == "900"


def test_fields_that_the_source_lacks_are_not_missed(licence: Standard, good: Record) -> None:
    batch = batch_of(licence, {**good, "granted_on": None})
    assert check(licence, batch, mapped=["holder"]).issues.is_empty()
    assert check(licence, batch, mapped=["granted_on"]).issues.height == 1
    batch = batch_of(licence, {**good, "licence_no": None})
    assert check(licence, batch, mapped=["holder"]).rows.is_empty()


def test_many_failing_rows_are_told_each(licence: Standard, good: Record) -> None:
    rows = batch_of(licence, good).rows
    many = pl.concat([rows.with_columns(_line=pl.lit(n, pl.Int64)) for n in range(100)])
    wrong = many.with_columns(uscc=pl.lit("91440902MA0000015") + (pl.col("_line") % 10).cast(str))
    checked = check(licence, replace(batch_of(licence), rows=wrong))
    assert checked.rows.is_empty()
    assert checked.issues["line"].to_list() == list(range(100))
    assert {issue.params["expected"] for issue in issues_of(checked.issues)} == {"X"}


def test_what_is_not_compiled_is_asked_of_the_row_validator(
    licence: Standard, good: Record
) -> None:
    years = {**licence.schema["properties"]["years"], "multipleOf": 5}
    properties = {**licence.schema["properties"], "years": years}
    standard = replace(licence, schema={**licence.schema, "properties": properties})
    assert uncompiled(standard) == {"multipleOf"}
    assert not _issues(standard, good)
    issue = _only(standard, {**good, "years": 4})
    assert issue.message() == "第 2 行 有效年数 4：违反数据标准的规则 multipleOf"
    told = {(i.code, i.field) for i in _issues(standard, {**good, "years": 7})}
    assert told == {("range", "years"), ("schema", "years")}
