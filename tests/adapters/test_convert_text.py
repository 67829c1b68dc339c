"""Names, codes, lists and look-ups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Convert = Callable[..., list[Any]]


def test_edges_and_fillers_go(convert: Convert) -> None:
    cells = ["　茂名市 ", "销售粮〓", "粮〓 ", "山东公司 ", "\u00a0甲\ufeff", "〓", "中间〓留着"]
    assert convert("text", cells) == [
        "茂名市",
        "销售粮",
        "粮",
        "山东公司",
        "甲",
        None,
        "中间〓留着",
    ]


def test_line_breaks(convert: Convert) -> None:
    cells = ["食品安全国家标\n准食品", "国\n标\n准", "武汉广\r\n 盛元", "c=2,m=10,\nM=100", "ab\n\ncd", "一\tb",
             "《标准》\n（试行）"]  # fmt: skip
    assert convert("text", cells) == ["食品安全国家标准食品", "国标准", "武汉广盛元", "c=2,m=10, M=100", "ab cd",
                                      "一 b", "《标准》（试行）"]  # fmt: skip


def test_codes(convert: Convert) -> None:
    assert convert("code", ["5245.0", " 5 245", "０１２", "A-1", "12.50", ""]) == [
        "5245", "5245", "012", "A-1", "12.50", None,
    ]  # fmt: skip


def test_document_numbers_get_one_kind_of_brackets(convert: Convert) -> None:
    cells = ["市场【2019】1号", "慈税罚（2018）40号", "海税简罚(2020)211号", "济环罚字〔2020〕TQ第Q-4008号",
             "茂市监处罚[2023] 12 号", "电话(0668)号", None]  # fmt: skip
    assert convert("doc_no", cells) == [
        "市场〔2019〕1号", "慈税罚〔2018〕40号", "海税简罚〔2020〕211号", "济环罚字〔2020〕TQ第Q-4008号",
        "茂市监处罚〔2023〕12号", "电话(0668)号", None,
    ]  # fmt: skip


def test_several_values_in_a_cell(convert: Convert) -> None:
    cells = [
        "1.3×10⁵CFU/g；\n2.8×10³CFU/g；\n5.2×10⁴CFU/g",
        "初检：2.9mg/kg；复检：2.7mg/kg",
        "一个",
        "；;",
        "",
    ]
    assert convert("split", cells) == [
        ["1.3×10⁵CFU/g", "2.8×10³CFU/g", "5.2×10⁴CFU/g"], ["初检：2.9mg/kg", "复检：2.7mg/kg"], ["一个"],
        None, None,
    ]  # fmt: skip
    assert convert("split", ["a|b;c"], separators="|") == [["a", "b;c"]]


def test_lists_out_of_json(convert: Convert) -> None:
    assert convert("json_list", ['["罚款", "警告"]', "[]", None]) == [["罚款", "警告"], [], None]


def test_lookup(convert: Convert) -> None:
    table = {"甲": "1", "乙": "2"}
    cells = ["甲", " 乙 ", "丙", ""]
    assert convert("lookup", cells, table=table) == ["1", "2", ..., None]
    assert convert("lookup", cells, table=table, otherwise="keep") == ["1", "2", "丙", None]
    assert convert("lookup", cells, table=table, otherwise="null") == ["1", "2", None, None]


def test_yes_and_no(convert: Convert) -> None:
    assert convert("boolean", ["是", "N", "TRUE", "０", "也许", ""]) == [
        True,
        False,
        True,
        False,
        ...,
        None,
    ]
