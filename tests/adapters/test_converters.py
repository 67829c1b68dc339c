"""What every converter promises: its examples, and that no text breaks it or gets lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.converter import Example
from adapters.converters import CONVERTERS
from exchange_schemas.identifiers import USCC_ABSENT
from exchange_schemas.issue_kinds import KINDS
from tests.adapters.converting import convert

SCHEMA = json.loads(files("adapters").joinpath("feed.schema.json").read_text(encoding="utf-8"))
OPTIONS = {
    "lookup": {"table": {"甲": "乙"}}, "part": {"number": 2}, "null_words": {"words": ["无"]},
    "strip_unit": {"units": ["元"]}, "before": {"marks": "至"}, "after": {"marks": "至"},
    "replace": {"pattern": "(号)", "with": "$1"}, "extract": {"pattern": "([0-9])"},
}  # fmt: skip

#: Where nothing is the right answer to something, and said so.
NOTHING: dict[str, Callable[[str], bool]] = {
    "uscc": lambda text: USCC_ABSENT in text.upper(),
    "uscc_absent": lambda _text: True,  # only ever true
    "currency": lambda _text: True,  # a cell may name none
    "date_open": lambda text: any(word in text for word in ("2099", "9999", "长期", "永久")),
    "split": lambda text: (
        not text.strip(" ;；\n║‖|｜丨\t\r\v\f\u3000\u00a0\ufeff\u200b\u2028\u2029")
    ),
    "part": lambda text: any(mark in text for mark in "║‖|｜丨"),  # the part is empty
    "null_words": lambda text: "无" in text,
}

# Pieces that cells are made of, so that most texts are nearly right.
PIECES = st.sampled_from([
    "2023", "10", "12", "年", "月", "日", "-", "/", ".", " ", ":", "T", "Z", "+08:00", "GMT", "Oct",
    "二〇二三", "十", "廿", "元", "万", "亿", "角", "整", "壹", "贰", "人民币", "￥", "美元", "1,000",
    "0.5", "（", ")", "【", "〕", "号", "440902", "茂南区", "茂名市", "广东省", "║", "||", "；", "至",
    "是", "无", "长期", "X", "９", "\n", "\u3000", "00000000000000000X", '["', '"]', "下午", "时", "分",
])  # fmt: skip
CELLS = st.one_of(st.text(max_size=12), st.lists(PIECES, max_size=7).map("".join))
EMPTY = " \t\r\n\v\f\u3000\u00a0\ufeff\u200b\u2028\u2029〓"


@pytest.mark.parametrize("name", CONVERTERS)
def test_the_examples_are_right(name: str) -> None:
    converter = CONVERTERS[name]
    assert converter.examples
    for one in converter.examples:
        assert convert(name, [one.cell], one.options) == [one.result], one
        assert isinstance(one, Example) and set(one.options) <= converter.options


@pytest.mark.parametrize("name", CONVERTERS)
def test_a_converter_says_what_it_is(name: str) -> None:
    converter = CONVERTERS[name]
    assert converter.accepts.zh and converter.accepts.en
    assert converter.code in KINDS and converter.takes in ("raw", "trimmed", "narrow")
    assert converter.needs | ({converter.main} - {""}) <= converter.options
    cell, options = SCHEMA["$defs"]["cell"]["properties"], SCHEMA["$defs"]["options"]
    assert converter.options <= cell.keys() and converter.options <= options.keys()


@pytest.mark.parametrize("name", CONVERTERS)
@settings(max_examples=12, deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=80))
@example(cells=["0", "-", "(", "$1", "{", "9" * 40, "一" * 40, "\0", "9999-12-31T23:59:59-12:00"])
@example(cells=["9" * 30 + "万亿元", "0001-01-01 00:00Z", "2023-10-12T00:00:00+24:00", "12.34角"])
def test_no_text_breaks_a_converter_or_gets_lost(name: str, cells: list[str]) -> None:
    values = convert(name, cells, OPTIONS.get(name, {}))
    assert len(values) == len(cells)
    for cell, value in zip(cells, values, strict=True):
        if not cell.strip(EMPTY):
            continue
        may_be_nothing = NOTHING.get(name, lambda _text: False)
        assert value is not None or may_be_nothing(cell), cell


@pytest.mark.parametrize("name", ["date", "date_excel", "datetime", "date_open"])
@settings(max_examples=20, deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=80))
def test_options_of_dates_break_nothing(name: str, cells: list[str]) -> None:
    told: dict[str, Any] = {"serial": 1904, "day": "last", "time": "drop"}
    options = {key: value for key, value in told.items() if key in CONVERTERS[name].options}
    assert len(convert(name, cells, options)) == len(cells)
