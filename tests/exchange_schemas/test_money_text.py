"""Amounts in Chinese text: what is read, and what is said of an amount beside it."""

from __future__ import annotations

import polars as pl
import pytest

from exchange_schemas.money_text import (
    AGREES,
    DIFFERENT,
    TEN_THOUSANDFOLD,
    amount_verdicts,
    amount_words,
    passages,
    yuan_of,
)
from exchange_schemas.numerals import chinese_number

NUMBERS = [
    ("零", 0),
    ("十", 10),
    ("十五", 15),
    ("一百零二", 102),
    ("三千五百", 3_500),
    ("两万", 20_000),
    ("壹万贰仟", 12_000),
    ("壹拾贰万叁仟肆佰伍拾陆", 123_456),
    ("一亿零五", 100_000_005),
    ("三万亿", 3 * 10**12),
    ("二〇二五", 2025),
    ("伍仟零佰", 5_000),
    ("", None),
    ("万", None),
    ("三万五", None),  # 35,000 in talk, 30,005 if one counts
    ("三千五", None),
    ("五元", None),
    ("12", None),
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_chinese_numbers(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


TEXTS = [
    ("依法责令改正，罚款 1200 元。", [1200]),
    ("处罚款人民币壹万贰仟元整", [12_000]),
    ("罚款人民币（大写）：伍仟元整（¥5000.00元）", [5000]),
    ("处以罚款２万元", [20_000]),
    ("处3,000.50元的行政罚款", [3000.5]),
    ("处三千元罚款；逾期加处罚款每日百分之三", [3000]),
    ("罚款伍佰元伍角贰分", [500.52]),
    ("没收违法所得 100 元，罚款 500 元", [500]),
    ("1. 罚款300元；2. 罚款1.5万元", [300, 15_000]),
    ("罚款3百元", [300]),
    ("罚款金额为￥８００元", [800]),
    ("没收违法所得100元，并处罚款。2025年3月1日", []),
    ("罚款数额的3%", []),
    ("警告", []),
]


@pytest.mark.parametrize(("text", "amounts"), TEXTS)
def test_passages_with_an_amount(text: str, amounts: list[float]) -> None:
    (found,) = pl.select(passages(pl.lit(text), ["罚款"])).to_series()
    assert [yuan_of(passage) for passage in found] == amounts


def test_other_words() -> None:
    text = "没收违法所得 100 元，罚没款合计 600 元"
    (found,) = pl.select(passages(pl.lit(text), ["罚没款", "没收违法所得"])).to_series()
    assert found.to_list() == ["没收违法所得 100 元"]  # 合计 stands between


CASES = [
    ("0.12", "罚款 1200 元", AGREES, None, None),
    ("0.120000", "罚款壹仟贰佰元整", AGREES, None, None),
    ("0.08", "罚款 500 元；罚款 300 元", AGREES, None, None),  # together
    ("0.03", "罚款 500 元；罚款 300 元", AGREES, None, None),  # one of them
    ("1200", "罚款 1200 元", TEN_THOUSANDFOLD, "罚款 1200 元", "0.12"),
    ("20000", "罚款贰万元整", TEN_THOUSANDFOLD, "罚款贰万元", "2"),
    ("0.0002", "罚款2万元", TEN_THOUSANDFOLD, "罚款2万元", "2"),
    ("0.5", "罚款 1200 元", DIFFERENT, "罚款 1200 元", "0.12"),
    ("0.5", "罚款三万五元", AGREES, None, None),  # nobody can tell
    ("0.5", "警告", AGREES, None, None),
    (None, "罚款 1200 元", AGREES, None, None),
    ("x", "罚款 1200 元", AGREES, None, None),  # has an issue of its own
    ("0.5", None, AGREES, None, None),
]


def test_an_amount_and_its_text() -> None:
    pairs = pl.DataFrame(
        {"amount": [c[0] for c in CASES], "text": [c[1] for c in CASES]},
        schema={"amount": pl.String, "text": pl.String},
    ).to_struct()
    assert amount_verdicts(["罚款"], pairs).to_list() == [case[2] for case in CASES]
    told = amount_words(["罚款"], pairs).to_list()
    assert [(one["found"], one["expected"]) for one in told] == [case[3:] for case in CASES]
