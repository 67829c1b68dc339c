"""Amounts of money in a text, next to a word: 罚款人民币壹万贰仟元整, 处 3,000 元罚款, 罚款2万元.

Whole columns at a time: the text is searched once, and every different passage is read once.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from exchange_schemas.numerals import CHARACTERS, chinese_number

_DIGITS = r"[0-9０-９][0-9０-９,，]*(?:[.．][0-9０-９]+)?"
_NUMBER = rf"(?:{_DIGITS}|[{CHARACTERS}]+)"
_COINS = rf"(?:([{CHARACTERS}])角)?(?:([{CHARACTERS}])分)?"
_UNIT = rf"\s*[亿万千百]?\s*[元圆]{_COINS}"
_BETWEEN = r"(?:金额|数额)?[\s:：为计共处以人民币￥¥（(大写）)]{0,12}"
_BEHIND = r"(?:[整正]|人民币)?(?:[（(][^（）()]{0,30}[）)])?的?(?:行政)?"

_PASSAGE = re.compile(rf"({_NUMBER})\s*([亿万千百]?)\s*[元圆]{_COINS}")
_SCALES = {"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_NARROW = str.maketrans("０１２３４５６７８９．", "0123456789.", ",，")


def passages(text: pl.Expr, words: list[str]) -> pl.Expr:
    """The passages (List of String) that give an amount next to one of the words."""
    named = "|".join(map(re.escape, words))
    return text.str.extract_all(
        rf"(?:{named}){_BETWEEN}{_NUMBER}{_UNIT}|{_NUMBER}{_UNIT}{_BEHIND}(?:{named})"
    )


@lru_cache(maxsize=65_536)  # fines are round, so batch after batch gives the same passages
def yuan_of(passage: str) -> float | None:
    """The amount that a passage gives, in yuan; None where nobody can tell."""
    found = _PASSAGE.search(passage)
    if found is None:
        return None
    number, scale, *coins = found.groups()
    tenth, hundredth = (chinese_number(coin or "零") or 0 for coin in coins)
    if number[0] in CHARACTERS:
        whole = chinese_number(number + scale)  # the scale is part of the number: 三万
        return None if whole is None else whole + tenth / 10 + hundredth / 100
    return (
        float(Decimal(number.translate(_NARROW)) * _SCALES[scale]) + tenth / 10 + hundredth / 100
    )


AGREES, TEN_THOUSANDFOLD, DIFFERENT = 0, 1, 2  # verdicts on an amount
AMOUNT_WORDS = pl.Struct({"found": pl.String, "expected": pl.String})

_WAN = 10_000


def amount_verdicts(words: list[str], pairs: pl.Series) -> pl.Series:
    """UInt8: whether amounts are those of the texts.

    `pairs` is a struct of `amount` (decimal text, in 万元) and `text`. An amount agrees where the text
    gives it, or gives parts that add up to it, or gives none.
    """
    return _judged(words, pairs)["verdict"].fill_null(AGREES)


def amount_words(words: list[str], pairs: pl.Series) -> pl.Series:
    """A struct of `found`, the passage that speaks against the amount, and `expected`, what it gives
    (in 万元)."""
    return _judged(words, pairs).select(pl.struct(list(AMOUNT_WORDS.to_schema()))).to_series()


def _judged(words: list[str], pairs: pl.Series) -> pl.DataFrame:
    """verdict, found, expected of every pair; null where nothing speaks against it."""
    yuan = pl.col("amount").cast(pl.Float64, strict=False) * _WAN
    read = pairs.struct.unnest().select(yuan=yuan, passage=passages(pl.col("text"), words))
    read = read.with_row_index("row").filter(
        pl.col("yuan").is_not_null() & (pl.col("passage").list.len() > 0)
    )
    said = _read(read["passage"].list.first())
    # Nearly all say one amount, and the right one: no need to take their lists apart.
    told = _against(read.filter(~_near(said, read["yuan"]).fill_null(value=False)))
    rows = pl.DataFrame({"row": pl.int_range(len(pairs), dtype=pl.UInt32, eager=True)})
    return rows.join(told, on="row", how="left", maintain_order="left")


def _against(rows: pl.DataFrame) -> pl.DataFrame:
    """row, verdict, found, expected of the rows whose passages don't give their amount."""
    each = rows.explode("passage")
    each = each.with_columns(said=_read(each["passage"])).drop_nulls("said")
    said, yuan = pl.col("said"), pl.col("yuan")
    wrong_unit = _near(said * _WAN, yuan) | _near(said, yuan * _WAN)
    first = pl.coalesce(pl.col("passage").filter(wrong_unit).first(), pl.col("passage").first())
    amount = pl.coalesce(said.filter(wrong_unit).first(), said.first())
    return (
        each.group_by("row", maintain_order=True)
        .agg(
            agrees=_near(said, yuan).any() | _near(said.sum(), yuan.first()),
            verdict=pl.when(wrong_unit.any()).then(TEN_THOUSANDFOLD).otherwise(DIFFERENT),
            found=first,
            expected=(amount / _WAN).round(6).cast(pl.String).str.strip_suffix(".0"),
        )
        .filter(~pl.col("agrees"))
        .select("row", pl.col("verdict").cast(pl.UInt8), "found", "expected")
    )


def _read(found: pl.Series) -> pl.Series:
    """The amounts of passages; each different passage is read once."""
    table = {passage: yuan_of(passage) for passage in found.drop_nulls().unique()}
    return found.replace_strict(table, default=None, return_dtype=pl.Float64)


def _near(one: Any, other: Any) -> Any:
    """Equal but for what a binary fraction can't hold."""
    return (one - other).abs() <= 0.005 + other.abs() * 1e-9
