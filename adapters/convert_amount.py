"""Converters for amounts of money and other numbers: decimal texts, exact to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from adapters.converter import Converted

DECIMALS = 6  # of an amount in 万元: the last one is a fen

_CURRENCIES = {
    "人民": "CNY", "CNY": "CNY", "RMB": "CNY", "美": "USD", "USD": "USD",
    "香港": "HKD", "港": "HKD", "HKD": "HKD", "日": "JPY", "JPY": "JPY",
    "欧": "EUR", "EUR": "EUR", "英镑": "GBP", "GBP": "GBP", "韩": "KRW",
    "澳大利亚": "AUD", "澳": "AUD", "加拿大": "CAD", "加": "CAD", "新加坡": "SGD",
    "瑞士法郎": "CHF", "法国法郎": "FRF", "德国马克": "DEM", "澳门": "MOP",
    "新台": "TWD", "台": "TWD",
}  # fmt: skip
_WORDS = "|".join(sorted(_CURRENCIES, key=len, reverse=True))

# Digits in groups of three or none at all. "3,0000000" has lost a mark somewhere, and "000(万美元)"
# is the tail of a number that was cut at its comma: both are refused, not repaired.
_NUMBER = r"(?<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*|0)(?:\.(?<rest>[0-9]+))?"
_UNIT = rf"(?<scale>[万亿]?)(?<yuan>[元圆]?)(?<currency>(?:{_WORDS})?)(?:币)?[元圆]?"
_AMOUNT = rf"^{_NUMBER}{_UNIT}$"
_CURRENCY = rf"^[0-9,.]*{_UNIT}$"


def amount_wan(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """An amount in 万 (10,000) of its currency; a number without a unit is in 万 already."""
    return Converted(_in_wan(cells[0], plain_is_yuan=False), cells[0].is_not_null())


def amount_yuan_to_wan(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """An amount in 万; a number without a unit is in 元. A unit in the cell counts more."""
    return Converted(_in_wan(cells[0], plain_is_yuan=True), cells[0].is_not_null())


def currency(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """ISO 4217 code of the currency that an amount's cell names; 元 alone is CNY; else null."""
    unit = _bare(cells[0]).str.extract_groups(_CURRENCY)
    named = pl.field("currency").replace_strict(_CURRENCIES, default=None)
    in_yuan = pl.when(pl.field("yuan") != "").then(pl.lit("CNY"))
    return Converted(_last(unit.struct.with_fields(pl.coalesce(named, in_yuan).alias("value"))))


def decimal(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """A number without unit, as a decimal text without trailing zeros."""
    sign = pl.when(pl.field("sign") == "-").then(pl.lit("-")).otherwise(pl.lit(""))
    parts = _parts(cells[0].str.replace_all(r"\s", ""), rf"^(?<sign>-?){_NUMBER}$")
    parts = _trimmed(parts, pl.field("whole"), pl.field("rest"))
    value = _last(parts.struct.with_fields((sign + _joined()).alias("value")))
    return Converted(value.replace("-0", "0"), cells[0].is_not_null())


def integer(cells: Sequence[pl.Expr], _options: Mapping[str, Any]) -> Converted:
    """A whole number; 12.0 (a number to Excel) is 12."""
    text = cells[0].str.replace_all(r"\s", "").str.replace(r"\.0+$", "")
    grouped = text.str.contains(r"^-?[1-9][0-9]{0,2}(,[0-9]{3})+$")
    whole = pl.when(grouped).then(text.str.replace_all(",", "", literal=True)).otherwise(text)
    return Converted(whole.cast(pl.Int64, strict=False), cells[0].is_not_null())


def _in_wan(cell: pl.Expr, plain_is_yuan: bool) -> pl.Expr:
    """The steps are fields of one struct, so that each is computed once."""
    named = (pl.field("yuan") != "") | (pl.field("currency") != "")
    in_yuan = (pl.field("scale") == "") & (named | pl.lit(plain_is_yuan))
    in_yi = pl.field("scale") == "亿"
    whole, rest = pl.field("whole"), pl.field("rest")
    low, high = pl.field("low"), pl.field("high")
    # 元 is 1/10,000 万, the point goes 4 places left; 亿 is 10,000 万, 4 places right
    parts = _parts(_bare(cell), _AMOUNT).struct.with_fields(
        whole.str.pad_start(5, "0").alias("low"), rest.str.pad_end(4, "0").alias("high")
    )
    parts = _trimmed(
        parts,
        pl.when(in_yuan).then(low.str.head(-4)).when(in_yi).then(whole + high.str.head(4))
        .otherwise(whole),
        pl.when(in_yuan).then(low.str.tail(4) + rest).when(in_yi).then(high.str.slice(4))
        .otherwise(rest),
    )  # fmt: skip
    fits = pl.field("rest").str.len_bytes() <= DECIMALS
    return _last(parts.struct.with_fields(pl.when(fits).then(_joined()).alias("value")))


def _bare(cell: pl.Expr) -> pl.Expr:
    """Without spaces and brackets: 85,000(万元人民币) → 85,000万元人民币."""
    return cell.str.replace_all(r"[\s()]", "")


def _parts(text: pl.Expr, pattern: str) -> pl.Expr:
    """The groups of `pattern` as a struct; `whole` without commas, `rest` empty if there is none."""
    return text.str.extract_groups(pattern).struct.with_fields(
        pl.field("whole").str.replace_all(",", "", literal=True),
        pl.field("rest").fill_null(""),
    )


def _trimmed(parts: pl.Expr, whole: pl.Expr, rest: pl.Expr) -> pl.Expr:
    """The struct with `whole` and `rest` set anew, without the zeros that a number doesn't need."""
    return parts.struct.with_fields(
        whole.str.strip_chars_start("0").alias("whole"),
        rest.str.strip_chars_end("0").alias("rest"),
    )


def _joined() -> pl.Expr:
    whole, rest = pl.field("whole"), pl.field("rest")
    head = pl.when(whole == "").then(pl.lit("0")).otherwise(whole)
    return head + pl.when(rest == "").then(pl.lit("")).otherwise(pl.lit(".") + rest)


def _last(parts: pl.Expr) -> pl.Expr:
    return parts.struct.field("value")
