"""Unusual ways of writing amounts, rewritten as 12000元 and 50000元美.

Chinese numbers (壹万贰仟元整), several units (1亿2000万元, 5元3角), a currency in front (人民币, ￥).
What isn't well formed is left alone: a converter refuses it, nobody guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import polars as pl

from adapters.chinese_numbers import strict_number
from adapters.converter import Options
from adapters.rewriting import each_once
from exchange_schemas.numerals import CHARACTERS

CURRENCIES = {
    "人民": "CNY", "CNY": "CNY", "RMB": "CNY", "美": "USD", "USD": "USD",
    "香港": "HKD", "港": "HKD", "HKD": "HKD", "日": "JPY", "JPY": "JPY",
    "欧": "EUR", "EUR": "EUR", "英镑": "GBP", "GBP": "GBP", "韩": "KRW",
    "澳大利亚": "AUD", "澳": "AUD", "加拿大": "CAD", "加": "CAD", "新加坡": "SGD",
    "瑞士法郎": "CHF", "法国法郎": "FRF", "德国马克": "DEM", "澳门": "MOP",
    "新台": "TWD", "台": "TWD",
}  # fmt: skip
CURRENCY_WORDS = "|".join(sorted(CURRENCIES, key=len, reverse=True))

# Digits in groups of three or none at all. "3,0000000" has lost a mark somewhere, and "000(万美元)"
# is the tail of a number that was cut at its comma: both are refused, not repaired.
NUMBER = r"(?<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*|0)(?:\.(?<rest>[0-9]+))?"

_DIGITS = re.sub(r"\(\?<[a-z]+>", "(?:", NUMBER)
_AHEAD = re.compile(rf"(?:大写)?(?:([¥￥]|{CURRENCY_WORDS})币?[元圆]?:?)?(?:大写:?)?")
_BEHIND = rf"(?P<yuan>[元圆]?)(?P<currency>(?:{CURRENCY_WORDS})?)币?[元圆]?"
_COINS = (
    rf"零?(?:(?P<jiao>[1-9{CHARACTERS}])角)?零?(?:(?P<fen>[0-9{CHARACTERS}])分)?[整正]?(?:大写)?"
)
_SCALES = {"": 1, "十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_LARGEST, _MOST_DIGITS = 10**20, 25  # far from where decimals would be rounded
_UNITS = (100_000_000, 10_000, 1_000)

_ONE = re.compile(rf"(?P<number>{_DIGITS})(?P<small>[十百千]?)(?P<large>[万亿]?){_BEHIND}{_COINS}")
_SEVERAL = re.compile(
    rf"(?:([1-9][0-9]*)亿)?(?:([1-9][0-9]*)万)?(?:([1-9])千)?([1-9][0-9]*)?{_BEHIND}{_COINS}"
)
_SPELT = re.compile(rf"(?P<number>[{CHARACTERS}]+){_BEHIND}{_COINS}")
_ONLY_COINS = re.compile(rf"(?P<yuan>)(?P<currency>){_COINS}")


def plain_amounts(texts: pl.Series, _options: Options) -> pl.Series:
    """Amounts in 元 and behind it their currency; null where nobody can tell.

    `texts` are half-width. 三万 without 元 is an amount too.
    """
    return _rewritten(texts, _plain)


def plain_named_amounts(texts: pl.Series, _options: Options) -> pl.Series:
    """The same of amounts that name their currency: 三万 may be of any."""
    return _rewritten(texts, partial(_plain, large_is_enough=False))


def _rewritten(texts: pl.Series, plain: Callable[[str], str | None]) -> pl.Series:
    # what is digits only was looked at before, and a column may be full of them
    worded = pl.when(texts.str.contains("[^0-9.,]")).then(texts)
    return each_once(pl.select(worded).to_series(), plain)


def _plain(text: str, large_is_enough: bool = True) -> str | None:
    bare = re.sub(r"[\s()]", "", text)
    ahead = _AHEAD.match(bare)
    sign = ahead[1] if ahead else None
    body = bare[ahead.end() :] if ahead else bare
    for form, read in ((_ONE, _one), (_SEVERAL, _several), (_SPELT, _spelt), (_ONLY_COINS, _none)):
        found = form.fullmatch(body)
        amount = read(found) if found and body else None
        if found and amount is not None:
            return _written(amount, found, sign, large_is_enough)
    return None


def _written(
    whole: Decimal, found: re.Match[str], sign: str | None, large_is_enough: bool
) -> str | None:
    """`whole` with its coins and currency; None where the text doesn't say that it is 元."""
    coins = [_digit(found[name]) for name in ("jiao", "fen")]
    ahead = "人民" if sign in ("¥", "￥") else sign or ""
    currency = found["currency"] or ahead
    contradicting = ahead and CURRENCIES[ahead] != CURRENCIES[currency]
    if None in coins or whole > _LARGEST or contradicting:
        return None
    coined = bool(found["jiao"] or found["fen"])
    large = large_is_enough and any(unit in found[0] for unit in "万萬亿億")
    if not (found["yuan"] or currency or coined or large):
        return None
    if coined and (whole != int(whole) or (whole and not found["yuan"])):
        return None
    return f"{whole + Decimal(coins[0] or 0) / 10 + Decimal(coins[1] or 0) / 100:f}元{currency}"


def _digit(text: str | None) -> int | None:
    if not text:
        return 0
    number = int(text) if text.isdigit() else strict_number(text)
    return number if number is not None and number < 10 else None


def _one(found: re.Match[str]) -> Decimal | None:
    digits = found["number"].replace(",", "")
    if len(digits) > _MOST_DIGITS:
        return None
    return Decimal(digits) * _SCALES[found["small"]] * _SCALES[found["large"]]


def _several(found: re.Match[str]) -> Decimal | None:
    """1亿2000万元; each part must be smaller than the unit before it, and talk (1万2) has no 元."""
    total, above = 0, None
    for part, unit in zip(found.groups()[:4], (*_UNITS, 1), strict=True):
        if part is None:
            continue
        if above is not None and int(part) * unit >= above:
            return None
        total, above = total + int(part) * unit, unit
    return Decimal(total) if found["yuan"] and total else None


def _spelt(found: re.Match[str]) -> Decimal | None:
    number = strict_number(found["number"])
    return None if number is None else Decimal(number)


def _none(_found: re.Match[str]) -> Decimal:
    return Decimal(0)
