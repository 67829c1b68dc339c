"""The checks of a standard beyond its schema: what they find, in words, and how they are declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.consistency import CHECKS, check_consistency, lookups
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.standard import Field, Standard
from exchange_schemas.validate import check
from tests.exchange_schemas.conftest import FIXTURES, batch_of

TODAY = date(2026, 11, 23)
KINDS_OF = {
    "made": ("date", "决定日期", "Decided on"),
    "served": ("date", "送达日期", "Served on"),
    "shown": ("date", "公示日期", "Public from"),
    "noted": ("datetime", "登记时间", "Noted at"),
    "fine": ("decimal", "罚款金额", "Fine"),
    "text": ("string", "处罚内容", "Penalty"),
    "kinds": ("list", "处罚类别", "Kinds"),
    "code": ("string", "信用代码", "Credit code"),
    "sort": ("string", "主体类别", "Sort"),
    "office": ("string", "处罚机关", "Authority"),
    "low": ("decimal", "最低价", "Lowest price"),
    "high": ("decimal", "最高价", "Highest price"),
}
ORDER = {"check": "date_order", "fields": ["made", "served", "shown"]}
AMOUNT = {"check": "amount_in_text", "amount": "fine", "text": "text", "words": ["罚款"]}
KIND = {"check": "amount_needs_kind", "amount": "fine", "kinds": "kinds", "any": ["罚款", "罚金"]}
WITHIN = {"check": "within_working_days", "from": "made", "to": "shown", "days": 7}
OVERDUE = {"check": "overdue", "since": "made", "unless": "served", "years": 3}
STARTS = {"check": "code_starts", "code": "code", "starts": ["92"], "when": {"sort": ["个体"]}}
OFFICE = {"check": "department_known", "name": "office", "code": "code"}
PRICES = {"check": "amount_order", "fields": ["low", "high"]}
AGREES = {
    "check": "agrees",
    "dataset": "licence",
    "on": {"code": "uscc"},
    "same": {"text": "holder"},
}
Record = dict[str, Any]


def standard(licence: Standard, *checks: Record) -> Standard:
    schema = {"sort": {"type": "string", "enum": ["个体", "企业"]}}
    fields = {
        name: Field(name, zh, en, kind, "public", required=False, expected=False,
                    schema=schema.get(name, {}))
        for name, (kind, zh, en) in KINDS_OF.items()
    }  # fmt: skip
    changed = {"schema": {}, "fields": fields, "checks": checks, "as_of": ("made",)}
    return replace(licence, **changed)


def found(licence: Standard, told: Record, *records: Record) -> list[Issue]:
    declared = standard(licence, told)
    return issues_of(check(declared, batch_of(declared, *records), today=TODAY).issues)


# record, check, kind of issue, message; None: nothing is said
CASES: list[tuple[Record, Record, str | None, str]] = [
    ({"made": "2025-01-02", "served": "2025-01-02", "shown": "2025-01-03"}, ORDER, None, ""),
    ({"made": "2025-01-02", "shown": "2025-01-03"}, ORDER, None, ""),
    ({"made": "2025-01-02", "served": "2025-01-01"}, ORDER, "date_order",
     "送达日期 2025-01-01 早于决定日期 2025-01-02，请核对两个日期"),
    ({"made": "2025-01-02", "shown": "2024-12-31"}, ORDER, "date_order",
     "公示日期 2024-12-31 早于决定日期 2025-01-02，请核对两个日期"),
    ({"made": "2025-13-02", "served": "2025-01-01"}, ORDER, None, ""),  # no day: the schema's issue
    ({"noted": "2025-01-02T09:00:00+08:00", "served": "2025-01-02"},
     {"check": "date_order", "fields": ["noted", "served"]}, None, ""),
    ({"fine": "0.12", "text": "罚款 1200 元"}, AMOUNT, None, ""),
    ({"fine": "1200", "text": "罚款 1200 元"}, AMOUNT, "amount_unit",
     "罚款金额 1200（单位：万元）与正文“罚款 1200 元”恰好相差一万倍，应为 0.12，请核对单位（元、万元）"),
    ({"fine": "0.5", "text": "罚款壹仟贰佰元整"}, AMOUNT, "amount_differs",
     "罚款金额 0.5（单位：万元）与正文“罚款壹仟贰佰元”不一致，请核对"),
    ({"fine": "0.5", "kinds": ["警告", "罚金"]}, KIND, None, ""),
    ({"fine": "0", "kinds": ["警告"]}, KIND, None, ""),
    ({"fine": "0.5"}, KIND, None, ""),
    ({"fine": "0.5", "kinds": ["警告"]}, KIND, "amount_kind_missing",
     "罚款金额为 0.5，而处罚类别中没有“罚款、罚金”，请更正其中一项"),
    ({"made": "2025-09-29", "shown": "2025-10-15"}, WITHIN, None, ""),  # holidays between
    ({"made": "2025-09-29", "shown": "2025-10-16"}, WITHIN, "deadline_missed",
     "公示日期 2025-10-16 距决定日期 2025-09-29 有 8 个工作日，规定不超过 7 个"),
    ({"made": "2027-12-31", "shown": "2028-01-07"}, WITHIN, None, ""),  # seven days whichever
    ({"made": "2027-12-30", "shown": "2028-02-01"}, WITHIN, "calendar_ends",
     "有 1 行的日期在 2027-12-31 之后，尚无放假安排，未判断时限；这是第一行"),
    ({"made": "2023-11-24"}, OVERDUE, None, ""),
    ({"made": "2023-11-23", "served": "2024-01-01"}, OVERDUE, None, ""),
    ({"made": "2023-11-23"}, OVERDUE, "overdue",
     "决定日期 2023-11-23 至今已满 3 年，送达日期仍为空，请办理下一步"),
    ({"made": "2023-11-23"}, {"check": "overdue", "since": "made", "years": 3}, "long_ago",
     "决定日期 2023-11-23 至今已满 3 年，请办理下一步"),
    ({"code": "92440981MA00001B32", "sort": "个体"}, STARTS, None, ""),
    ({"code": "91440902MA0000015X", "sort": "企业"}, STARTS, None, ""),
    ({"code": "91440902MA0000015X", "sort": "个体"}, STARTS, "code_start",
     "信用代码 91440902MA0000015X 在此应以 92 开头，请核对原件"),
    ({"low": "4.50", "high": "30.5"}, PRICES, None, ""),
    ({"low": "9.0", "high": "9"}, PRICES, None, ""),
    ({"high": "9"}, PRICES, None, ""),
    ({"low": "30.5", "high": "4.5"}, PRICES, "amount_order",
     "最高价 4.5 低于最低价 30.5，请核对两项金额"),
    ({"office": "茂名市市场监督管理局", "made": "2025-01-02"}, OFFICE, None, ""),
    ({"office": "高州市市场监督管理局", "made": "2025-01-02"}, OFFICE, None, ""),  # a district's
    ({"office": "宁波市市场监督管理局", "made": "2025-01-02"}, OFFICE, None, ""),  # another city's
    ({"office": "市工商局", "made": "2016-01-02"}, OFFICE, None, ""),
    ({"office": "市工商局", "made": "2025-01-02"}, OFFICE, "department_not_then",
     "处罚机关 市工商局 在 2025-01-02 不存在，请核对名称和日期"),
    ({"office": "茂名市无此局", "made": "2025-01-02"}, OFFICE, "department_unknown",
     "处罚机关 茂名市无此局 不是本市的部门，请核对名称，或补入代码表"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "told", "code", "message"), CASES)
def test_what_a_check_finds(
    licence: Standard, record: Record, told: Record, code: str | None, message: str
) -> None:
    issues = found(licence, told, record)
    assert [issue.code for issue in issues] == ([code] if code else [])
    for issue in issues:
        assert issue.message() == f"第 2 行 {message}"
        assert "{" not in issue.message("en")


def test_only_what_cannot_be_right_rejects(licence: Standard) -> None:
    declared = standard(licence, *(told for _, told, _, _ in CASES))
    batch = batch_of(declared, *(record for record, _, _, _ in CASES))
    checked = check(declared, batch, today=TODAY)
    errors = {code for code in checked.issues["code"] if KINDS[code].severity == "error"}
    assert errors == {"date_order", "amount_unit"}
    rejected = checked.issues.filter(checked.issues["code"].is_in(list(errors)))["line"]
    assert set(checked.rows["_line"]) == set(batch.rows["_line"]) - set(rejected)


def test_rows_beyond_the_calendar_are_told_once(licence: Standard) -> None:
    record = {"made": "2027-12-01", "shown": "2028-03-01"}
    (issue,) = found(licence, WITHIN, {}, record, record, record)
    assert (issue.line, issue.value) == (3, "3")


def test_a_leap_day_is_overdue_on_the_first_of_march(licence: Standard) -> None:
    declared = standard(licence, OVERDUE)
    batch = batch_of(declared, {"made": "2024-02-29"})
    days = {day: check(declared, batch, today=day).issues.height for day in
            (date(2027, 2, 28), date(2027, 3, 1))}  # fmt: skip
    assert days == {date(2027, 2, 28): 0, date(2027, 3, 1): 1}
    batch = batch_of(declared, {"made": "2025-02-28"}, {"made": "2025-03-01"})
    assert check(declared, batch, today=date(2028, 2, 29)).issues["line"].to_list() == [2]


def test_an_earlier_version_without_the_fields_has_no_such_checks(licence: Standard) -> None:
    declared = standard(licence, ORDER, AGREES)
    without = {name: field for name, field in declared.fields.items() if name != "served"}
    earlier = replace(declared, fields=without)
    batch = batch_of(earlier, {"made": "2025-01-02", "shown": "2024-12-31"})
    assert check(earlier, batch, today=TODAY).issues.is_empty()
    assert lookups(declared) == [AGREES]
    assert not lookups(replace(declared, fields={"made": declared.fields["made"]}))


def test_every_check_is_declared_rightly_here(licence: Standard) -> None:
    told = [ORDER, AMOUNT, PRICES, KIND, WITHIN, OVERDUE, STARTS, OFFICE, AGREES]
    exists = {"check": "exists", "dataset": "licence", True: {"code": "uscc"}}  # YAML's bare on
    declared = standard(licence, *told, exists)
    assert {one["check"] for one in declared.checks} == set(CHECKS)
    assert list(check_consistency(declared, load_catalogue(FIXTURES).get)) == []


MISTAKES = [
    ({"check": "order"}, "check_unknown", "order"),
    ({"check": ["x"]}, "check_unknown", "['x']"),
    ({"check": "date_order"}, "check_option", "fields"),
    ({**ORDER, "days": 3}, "check_option", "days"),
    ({**ORDER, "fields": ["made"]}, "check_option", "fields"),
    ({**ORDER, "fields": "made"}, "check_option", "fields"),
    ({**ORDER, "fields": ["made", "text"]}, "check_option", "fields"),
    ({**ORDER, "fields": ["made", "done"]}, "field_unknown", "done"),
    ({**AMOUNT, "amount": "text"}, "check_option", "amount"),
    ({**AMOUNT, "words": []}, "check_option", "words"),
    ({**KIND, "kinds": "text"}, "check_option", "kinds"),
    ({**WITHIN, "days": 0}, "check_option", "days"),
    ({**WITHIN, "days": True}, "check_option", "days"),
    ({**STARTS, "when": {"sort": ["农民"]}}, "check_option", "when"),
    ({**STARTS, "when": {"kind": ["x"]}}, "field_unknown", "kind"),
    ({**AGREES, "dataset": "permit"}, "check_option", "dataset"),
    ({**AGREES, "same": {"text": "owner"}}, "field_unknown", "owner"),
    ({**AGREES, "on": {"code": "years"}}, "check_option", "on / same"),
    ({**AGREES, "on": {"kinds": "goods"}}, "check_option", "on / same"),
]


@pytest.mark.parametrize(("told", "code", "value"), MISTAKES)
def test_mistakes_of_a_declaration(
    licence: Standard, catalogue: Catalogue, told: Record, code: str, value: str
) -> None:
    def find(name: str) -> Standard | None:
        try:
            return catalogue.get(name)
        except Misdeclared:
            return None

    (issue,) = check_consistency(standard(licence, told), find)
    assert (issue.code, issue.value) == (code, value)
    assert "{" not in issue.message("zh_CN") + issue.message("en")
