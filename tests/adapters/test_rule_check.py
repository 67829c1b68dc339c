"""Mistakes in the rule of a field, found before anything is fetched."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.expression import columns_of, fault
from adapters.feed_check import check_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Misdeclared
from tests.adapters.conftest import Desk

GOOD: dict[str, Any] = {"subject_name": "a", "uscc": "b", "established_on": "c"}


def found(desk: Desk, field: str, rule: Any) -> list[tuple[str, str | None]]:
    issues = check_feed(desk.declare(fields={**GOOD, field: rule}), load_catalogue())
    for issue in issues:
        assert issue.field == field and "{" not in issue.message("en").replace(
            issue.value or "", ""
        )
        assert issue.message("en") != issue.message("zh_CN")
    return [(issue.code, issue.value) for issue in issues]


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("district", {"from": "d", "convert": ["trim", "upper"]}),
        ("district", {"from": ["d", "e"], "convert": [{"join": " "}, {"lookup": {"table": {"甲": "乙"}}}]}),
        ("domicile", {"expression": "{d}{e}号", "convert": "text", "default": "不详"}),
        ("established_on", {"from": "c", "convert": [{"replace": {"pattern": r"\p{Han}+", "with": ""}}, "date"]}),
        ("established_on", {"from": "c", "convert": "date", "day": "last", "serial": 1904, "time": "drop"}),
        ("former_names", {"from": "d", "convert": [{"split": ["--", "、"]}], "default": ["无"]}),
        ("domicile_division", {"from": "d", "convert": "division", "as_of": "c", "digits": 6}),
        ("domicile", {"from": "d", "convert": "extract", "pattern": "(?:a|b)([0-9]+)", "otherwise": "keep"}),
        ("domicile", {"from": "d", "convert": [{"replace": {"pattern": "(a)(b)", "with": "$2${1}$$3"}}]}),
    ],
)  # fmt: skip
def test_what_is_right(desk: Desk, field: str, rule: Any) -> None:
    assert found(desk, field, rule) == []


@pytest.mark.parametrize(
    ("field", "rule", "issue"),
    [
        ("district", {"from": "d", "convert": ["trim", "uper"]}, ("converter_unknown", "uper")),
        ("established_on", {"from": "c", "convert": ["trim"]}, ("converter_unfit", "trim")),
        ("established_on", {"from": "c", "convert": ["date", "date"]}, ("step_unfit", "date")),
        ("former_names", {"from": "d", "convert": ["split", "split"]}, ("step_unfit", "split")),
        ("district", {"from": ["d", "e"], "convert": ["trim", "join"]}, ("step_misplaced", "join")),
        ("district", {"from": ["d", "e"], "join": "", "convert": "first_of"}, ("step_misplaced", "first_of")),
        ("subject_type", {"expression": "{d}", "convert": "subject_type"}, ("step_misplaced", "subject_type")),
        ("district", {"from": "d", "convert": [{"trim": {"marks": "-"}}]}, ("option_unknown", "marks")),
        ("district", {"from": "d", "convert": [{"upper": "x"}]}, ("option_unknown", "x")),
        ("district", {"from": "d", "convert": "text", "as_of": "c"}, ("option_unknown", "as_of")),
        ("district", {"from": "d", "convert": "before"}, ("option_missing", "marks")),
        ("district", {"from": "d", "convert": "lookup"}, ("option_missing", "table")),
        ("district", {"from": "d", "convert": [{"replace": {"pattern": "a"}}]}, ("option_missing", "with")),
        ("district", {"from": "d", "convert": [{"part": 0}]}, ("option_wrong", "number")),
        ("district", {"from": "d", "convert": [{"null_words": "无"}]}, ("option_wrong", "words")),
        ("district", {"from": "d", "convert": [{"extract": {"pattern": "(a)", "otherwise": "x"}}]},
         ("option_wrong", "otherwise")),
        ("district", {"from": "d", "convert": [{"extract": "(a"}]}, ("pattern_refused", "(a")),
        ("district", {"from": "d", "convert": [{"extract": "a"}]}, ("pattern_refused", "a")),
        ("district", {"from": "d", "convert": [{"extract": "(a)(b)"}]}, ("pattern_refused", "(a)(b)")),
        ("district", {"from": "d", "convert": [{"extract": "(?=a)(b)"}]}, ("pattern_refused", "(?=a)(b)")),
        ("district", {"from": "d", "convert": [{"extract": "((?:a+)+)b"}]}, ("pattern_refused", "((?:a+)+)b")),
        ("district", {"from": "d", "convert": [{"replace": {"pattern": "(a)", "with": "$2"}}]},
         ("pattern_refused", "(a)")),
        ("district", {"expression": "号"}, ("expression_invalid", "号")),
        ("district", {"expression": "{d}{}"}, ("expression_invalid", "{d}{}")),
        ("district", {"expression": "{d}}"}, ("expression_invalid", "{d}}")),
        ("district", {"expression": "{d}", "from": "e"}, ("expression_invalid", "{d}")),
        ("district", {"expression": "{d}", "join": ""}, ("expression_invalid", "{d}")),
        ("district", {"from": "d", "default": 1}, ("type", "1")),
        ("former_names", {"from": "d", "default": "无"}, ("type", "无")),
    ],
)  # fmt: skip
def test_mistakes(desk: Desk, field: str, rule: Any, issue: Any) -> None:
    assert found(desk, field, rule) == [issue]


@pytest.mark.parametrize(
    "rule",
    [
        {"from": "d", "convert": []}, {"from": "d", "convert": [{"trim": {}, "upper": {}}]},
        {"from": "d", "convert": [{}]}, {"from": "d", "convert": [1]}, {"convert": "text"},
        {"from": "d", "otherwise": "x"}, {"from": "d", "default": 1.5}, {"from": "d", "pattern": ""},
        {"from": "d", "convert": ["trim"] * 17},
    ],
)  # fmt: skip
def test_what_the_file_may_not_say(desk: Desk, rule: Any) -> None:
    with pytest.raises(Misdeclared) as caught:
        desk.declare(fields={**GOOD, "district": rule})
    assert caught.value.issue.code == "feed_invalid"


def test_expressions() -> None:
    assert columns_of("{地 市}-{区县}{地 市}{{x}}") == ("地 市", "区县")
    assert fault("{a:b}{c!r}{d.e[0]}") is None  # a column may be called anything
    assert columns_of("{a:b}{c!r}{d.e[0]}") == ("a:b", "c!r", "d.e[0]")
    for wrong in ("{", "}", "a{}b", "{a", "{{a}}", ""):
        assert fault(wrong) is not None, wrong
