"""Every issue can be said in Chinese and in English, with its line, file and field."""

from __future__ import annotations

import json
from string import Formatter

import pytest

from exchange_schemas.issue import Issue, issues_frame, issues_of
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.language import LOCALES, catalogue, translate
from exchange_schemas.standard import Standard
from exchange_schemas.titles import with_titles


def _words(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_has_a_chinese_text_with_the_same_words(code: str) -> None:
    message = KINDS[code].message
    chinese = translate("exchange_schemas", "zh_CN", message)
    assert chinese != message and not chinese.isascii()
    # a reason that exists in both languages is {reason} and {reason_zh}
    assert {word.removesuffix("_zh") for word in _words(chinese)} == _words(message)
    assert KINDS[code].severity in {"error", "warning", "info"}


def test_english_is_its_own_text() -> None:
    assert LOCALES == ("zh_CN", "en")
    assert catalogue("exchange_schemas", "en").gettext("line {line}") == "line {line}"


@pytest.mark.parametrize(
    ("file", "line", "chinese", "english"),
    [
        (None, None, "许可证号不能为空", "Licence number must"),
        ("a.csv", None, "a.csv: 许可证号不能为空", "a.csv: Licence number must"),
        (None, 7, "第 7 行 许可证号不能为空", "line 7: Licence number must"),
        ("a.csv", 7, "a.csv 第 7 行 许可证号不能为空", "a.csv line 7: Licence number must"),
    ],
)
def test_where_it_is(file: str | None, line: int | None, chinese: str, english: str) -> None:
    words = {"title": "许可证号", "title_en": "Licence number"}
    issue = Issue("required", line, "licence_no", None, file, words)
    assert issue.message().startswith(chinese)
    assert issue.message("en").startswith(english)


def test_values_may_have_braces() -> None:
    issue = Issue("type", 7, "a", "{value} {0}", params={"expected": "{}"})
    assert issue.message("en") == "line 7: a {value} {0}: expected {}"


def test_a_missing_word_is_left_as_it_is() -> None:
    assert (
        Issue("check_digit", field="a", value="1")
        .message("en")
        .startswith("a 1: the check digit should be {expected}")
    )


def test_a_reason_without_a_chinese_twin_is_shown_in_english() -> None:
    assert "because" in Issue("json_invalid", params={"reason": "because"}).message()


def test_issues_travel_as_a_frame() -> None:
    issues = [
        Issue("required", 2, "a", params={"title": '引"号'}),
        Issue("file_empty"),
    ]
    assert issues_of(issues_frame(issues)) == issues
    assert issues_of(issues_frame([])) == []


def test_titles_are_added_once(licence: Standard) -> None:
    issues = issues_frame([
        Issue("required", 2, "fee"),
        Issue("type", 2, "fee", params={"expected": "x"}),
        Issue("required", 2, "fee", params={"title": "别名"}),
        Issue("column_unknown", None, "来源列"),
    ])  # fmt: skip
    told = with_titles(issues, licence.fields)
    assert with_titles(told, licence.fields).equals(told)
    titles = [json.loads(params).get("title") for params in told["params"]]
    assert titles == ["费用", "费用", "别名", None]
    assert json.loads(told["params"][1])["expected"] == "x"
