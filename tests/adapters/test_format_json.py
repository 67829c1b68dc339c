"""JSON: values as written, and everything odd refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.format_json import _text
from exchange_schemas.errors import SourceUnreadable
from tests.adapters.conftest import Desk

JSON = {"kind": "json", "rows": "data.list"}
FIELDS = {"subject_name": "a"}


def wrap(items: str) -> str:
    return f'{{"data": {{"list": {items}}}}}'


def fault(desk: Desk, content: bytes | str, **told: object) -> tuple[str, str]:
    with pytest.raises(SourceUnreadable) as caught:
        desk.read(content, "d.json", **{"format": JSON, "fields": FIELDS, **told})
    issue = caught.value.issue
    assert issue.file == "d.json"
    assert issue.message("en") and issue.message("zh_CN") != issue.message("en")
    return issue.code, issue.message("en")


def test_values_are_text_as_written(desk: Desk) -> None:
    items = (
        '[{"a": 2.00, "n": 123456789012345678901, "t": true, "x": null, "l": ["罚款", "警告"]}]'
    )
    read = desk.read(wrap(items), "d.json", format=JSON, fields=FIELDS)
    assert read.rows.row(0, named=True) == {
        "_line": 1, "a": "2.00", "n": "123456789012345678901", "t": "true", "x": None,
        "l": '["罚款", "警告"]',
    }  # fmt: skip
    assert [issue.value for issue in read.issues] == [
        "n",
        "t",
        "x",
        "l",
    ]  # neither mapped nor ignored


def test_objects_inside_become_dotted_columns(desk: Desk) -> None:
    read = desk.read(
        wrap('[{"a": {"name": "甲", "at": {"city": "茂名"}}}, {"b": 1}]'), "d.json", format=JSON,
        fields={"subject_name": "a.name", "domicile": "a.at.city"}, ignore={"b": "-"},
    )  # fmt: skip
    assert read.rows.rows() == [(1, "甲", "茂名", None), (2, None, None, "1")]
    assert read.issues == []


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_a_list_of_any_texts_survives_the_cell(items: list[str]) -> None:
    assert json.loads(str(_text(items))) == items


def test_a_document_may_be_the_list(desk: Desk) -> None:
    read = desk.read('[{"a": "甲"}]', "d.json", format={"kind": "json"}, fields=FIELDS)
    assert read.rows.rows() == [(1, "甲")]


def test_gb18030_and_mark(desk: Desk) -> None:
    told = {"format": {"kind": "json", "encoding": "gb18030"}, "fields": FIELDS}
    assert desk.read('[{"a": "甲㐀"}]'.encode("gb18030"), "d.json", **told).rows["a"][0] == "甲㐀"
    told["format"] = {"kind": "json"}
    assert desk.read('\ufeff[{"a": "甲"}]', "d.json", **told).rows["a"][0] == "甲"


def test_an_empty_list_is_a_delivery_without_rows(desk: Desk) -> None:
    read = desk.read(wrap("[]"), "d.json", format=JSON, fields=FIELDS)
    assert read.rows.height == 0
    assert [issue.code for issue in read.issues] == ["header_only"]


@pytest.mark.parametrize("total", ["14", '"14"'])
def test_a_total_that_differs_is_told_and_stops_nothing(desk: Desk, total: str) -> None:
    read = desk.read(
        f'{{"total": {total}, "rows": [{{"a": "甲"}}]}}', "d.json",
        format={"kind": "json", "rows": "rows", "total": "total"}, fields=FIELDS,
    )  # fmt: skip
    assert read.rows.height == 1
    (issue,) = read.issues
    assert (issue.code, issue.value, issue.params) == ("total_differs", "14", {"found": "1"})


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("", "file_empty", ""),
        ("  \n", "file_empty", ""),
        ('{"data": {"list": [}}', "json_invalid", "line 1: "),
        (wrap('[{"a": NaN}]'), "json_invalid", "NaN isn't JSON"),
        (wrap('[{"a": 1, "a": 2}]'), "json_invalid", "key a stands twice"),
        (wrap('[{"a": "\\ud800"}]'), "json_invalid", "half a character"),
        ("[" * 100_000, "json_invalid", "nested too deeply"),
        ('{"data": []}', "json_place_missing", "no list at data.list"),
        (wrap('[{"a": 1}, 7]'), "json_place_missing", "no object at [2]"),
        (wrap('[{"b": 1}]'), "column_missing", "no column a"),
        (wrap('[{"a": "甲"}]').encode("gb18030"), "bytes_invalid", "offset"),
    ],
)
def test_what_cannot_be_read_says_why(
    desk: Desk, content: bytes | str, code: str, words: str
) -> None:
    found, message = fault(desk, content)
    assert found == code
    assert words in message


def test_a_total_that_is_not_there(desk: Desk) -> None:
    told = {"format": {**JSON, "total": "count"}}
    assert fault(desk, wrap('[{"a": 1}]'), **told)[0] == "json_place_missing"
