"""Codes of whole columns: which are in their list, and valid on the record's date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.code_rules import code_findings, invalid_on
from exchange_schemas.codes import load_codes
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check, rules_of
from tests.exchange_schemas.conftest import FIXTURES, batch_of

DIVISION = {"x-codelist": "divisions", "format": "division-code"}
KINDS = {"x-codelist": "penalty_kinds"}
TEXTS = pl.List(pl.String)

DAY = st.dates(date(1980, 1, 1), date(2026, 12, 31))


def _with(standard: Standard, name: str, schema: Mapping[str, Any], **more: Any) -> Standard:
    """`standard` with further keywords for one field."""
    field = standard.fields[name]
    told = {**field.schema, **schema}
    fields = {**standard.fields, name: replace(field, schema=told, codelist=told["x-codelist"])}
    properties = {**standard.schema["properties"], name: told}
    return replace(
        standard, schema={**standard.schema, "properties": properties}, fields=fields, **more
    )


@pytest.fixture(scope="module")
def dated() -> Standard:
    """A licence whose date is the day of its grant; `goods` are kinds of penalty."""
    licence = load_catalogue(FIXTURES).get("licence")
    goods = {**KINDS, "items": {}}
    return replace(_with(licence, "goods", goods), as_of=("granted_on",), checks=())


def _issues(standard: Standard, *records: Mapping[str, object]) -> list[Issue]:
    return issues_of(check(standard, batch_of(standard, *records)).issues)


def _told(standard: Standard, *records: Mapping[str, object]) -> list[tuple[str, str | None]]:
    return [(issue.code, issue.field) for issue in _issues(standard, *records)]


@pytest.fixture
def plain(good: Mapping[str, object]) -> dict[str, object]:
    return {**good, "goods": ["罚款"]}


@pytest.mark.parametrize(("day", "issues"), [
    ("2013-05-01", []), ("2014-12-31", []), ("2016-03-01", [("code_not_valid", "division")]),
    (None, [("expected", "granted_on")]), ("20160301", [("format", "granted_on")]),
])  # fmt: skip
@pytest.mark.parametrize("division", ["440903", "440903002", "440903002001"])
def test_a_division_is_judged_on_the_records_date(
    dated: Standard, plain: dict[str, object], division: str, day: str, issues: list[str]
) -> None:
    told = _told(dated, {**plain, "division": division, "granted_on": day})
    assert told == issues


def test_the_message_says_since_when_and_what_instead(
    dated: Standard, plain: dict[str, object]
) -> None:
    record = {**plain, "division": "440903", "granted_on": "2016-03-01"}
    (issue,) = _issues(dated, record)
    assert (issue.severity, issue.value) == ("warning", "440903")
    assert issue.message() == (
        "第 2 行 区划 440903（茂港区）只在 2001-01-01 至 2014-12-31 有效，记录日期是 2016-03-01，"
        "应为 440904（电白区）；请核对"
    )
    assert issue.message("en") == (
        "line 2: Division 440903 (Maogang District) is valid only from 2001-01-01 to 2014-12-31 "
        "and the record's date is 2016-03-01; it should be 440904 (Dianbai District); check it"
    )
    (early,) = _issues(dated, {**record, "division": "440904", "granted_on": "2005-03-01"})
    assert "自 2014-01-01 起才有效" in early.message()
    assert "应为 440903（茂港区）或 440923（电白县）" in early.message()


def test_every_kind_of_a_list_is_judged(dated: Standard, plain: dict[str, object]) -> None:
    joint = ["没收违法所得、没收非法财物", "暂扣或者吊销许可证、暂扣或者吊销执照"]
    record = {**plain, "goods": ["罚款", *joint], "granted_on": "2022-03-01"}
    issues = _issues(_with(dated, "goods", {"maxItems": 9}), record)
    assert [(issue.code, issue.value) for issue in issues] == [
        ("code_not_valid", joint[0]),
        ("code_not_valid", joint[1]),
    ]
    assert "应为「没收违法所得」或「没收非法财物」" in issues[0].message()
    assert _told(dated, {**record, "granted_on": "2020-03-01"}) == []
    assert len(_issues(dated, {**record, "goods": ["限制从业"], "granted_on": "2020-03-01"})) == 1


def test_warned_rows_are_accepted_and_told_in_order(
    dated: Standard, plain: dict[str, object]
) -> None:
    days = ["2016-01-01", "2013-01-01", None, "2017-01-01", "2016-01-01"]
    rows = [{**plain, "division": "440903", "granted_on": day} for day in days]
    checked = check(dated, batch_of(dated, *rows))
    assert checked.rows.height == 5
    told = checked.issues.filter(code="code_not_valid")
    assert told["line"].to_list() == [2, 5, 6]
    assert "2017-01-01" in told["params"][1]


def test_the_first_date_that_is_there_counts(dated: Standard, plain: dict[str, object]) -> None:
    schema = {**KINDS, "type": "string", "format": "date-time"}
    standard = replace(_with(dated, "holder", {**schema, "minLength": 0, "maxLength": 99}))
    standard = replace(standard, as_of=("holder", "granted_on"))
    record = {**plain, "division": "440903", "granted_on": "2016-01-01", "holder": None}
    assert ("code_not_valid", "division") in _told(standard, record)
    early = {**record, "holder": "2013-01-01T08:00:00+08:00"}
    assert ("code_not_valid", "division") not in _told(standard, early)


@pytest.mark.parametrize(("as_of", "count"), [([], 0), (["granted_on"], 1), (["gone"], 0)])
def test_a_field_may_have_a_date_of_its_own(
    dated: Standard, plain: dict[str, object], as_of: list[str], count: int
) -> None:
    standard = replace(_with(dated, "division", {**DIVISION, "x-as-of": as_of}), as_of=("holder",))
    record = {**plain, "division": "440903", "granted_on": "2016-01-01"}
    assert len(_issues(standard, record)) == count


def test_lists_without_days_have_no_rule(dated: Standard) -> None:
    listed = _with(dated, "goods", {"x-codelist": "food_stages", "items": {}})
    assert {r.field for r in rules_of(dated) if r.code == "code_not_valid"} == {
        "division", "currency", "goods",
    }  # fmt: skip
    assert "goods" not in {r.field for r in rules_of(listed) if r.code == "code_not_valid"}
    undated = replace(dated, as_of=())
    assert not [rule for rule in rules_of(undated) if rule.code == "code_not_valid"]


@given(st.lists(st.tuples(st.sampled_from([*load_codes("divisions").codes, "330203"]), DAY)))
def test_columns_say_what_the_list_says(pairs: list[tuple[str, date]]) -> None:
    codes = load_codes("divisions")
    frame = pl.DataFrame(
        [(code, day.isoformat()) for code, day in pairs],
        {"v": pl.String, "day": pl.String},
        orient="row",
    )
    failed = invalid_on(pl.col("day"), pl.col("v"), DIVISION, pl.String)
    assert failed is not None
    expected = [code in codes.codes and not codes.valid_on(code, day) for code, day in pairs]
    assert frame.select(failed.alias("x"))["x"].to_list() == expected


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from([*load_codes("penalty_kinds").codes]), max_size=3), DAY)
    )
)
def test_lists_say_what_the_list_says(pairs: list[tuple[list[str], date]]) -> None:
    codes = load_codes("penalty_kinds")
    frame = pl.DataFrame(
        [(kinds, day.isoformat()) for kinds, day in pairs],
        {"v": TEXTS, "day": pl.String},
        orient="row",
    )
    failed = invalid_on(pl.col("day"), pl.col("v"), KINDS, TEXTS)
    assert failed is not None
    expected = [any(not codes.valid_on(kind, day) for kind in kinds) for kinds, day in pairs]
    assert frame.select(failed.fill_null(value=False).alias("x"))["x"].to_list() == expected


def test_a_sites_own_list_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, licence: Standard, plain: dict[str, object]
) -> None:
    text = "code,title,title_en,valid_from,valid_to\n440900,甲市,A,,\n440977,乙区,B,,2015-12-31\n"
    (tmp_path / "divisions.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HUB_CODES", str(tmp_path))
    standard = replace(licence, as_of=("granted_on",))
    record = {**plain, "goods": ["荔枝"], "division": "440977"}
    assert _told(standard, {**record, "granted_on": "2016-01-01"}) == [
        ("code_not_valid", "division")
    ]
    assert _told(standard, {**record, "granted_on": "2015-01-01"}) == []
    assert _told(standard, {**record, "division": "440902"}) == [("code_unknown", "division")]


def _unlisted(schema: Mapping[str, Any], values: list[str | None]) -> dict[str, list[bool]]:
    frame = pl.DataFrame({"v": values}, {"v": pl.String})
    found = code_findings(pl.col("v"), schema, pl.String, pl.lit(value=True))
    return {
        one.code: frame.select(one.failed.fill_null(value=False).alias("x"))["x"].to_list()
        for one in found
    }


def test_divisions_of_the_city_are_errors_and_others_warnings() -> None:
    values = [
        "440903",
        "440903002",
        "440999",
        "330203",
        "330299",
        "330271",
        "810001",
        "999999",
        None,
    ]
    told = _unlisted(DIVISION, values)
    assert [v for v, failed in zip(values, told["code_unknown"], strict=True) if failed] == [
        "440999"
    ]
    warned = [v for v, failed in zip(values, told["division_unlisted"], strict=True) if failed]
    assert warned == ["330299", "999999"]


def test_a_class_of_industry_is_judged_by_its_division() -> None:
    values = ["F", "52", "5245", "5299", "524", "U", "00", "9812", "X245", None]
    told = _unlisted({"x-codelist": "industries"}, values)["code_unknown"]
    assert [value for value, failed in zip(values, told, strict=True) if failed] == [
        "U", "00", "9812", "X245",
    ]  # fmt: skip
