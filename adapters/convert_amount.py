"""Converters for amounts of money and other numbers: decimal texts, exact to the last digit."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.amount_writing import (
    CURRENCIES,
    CURRENCY_WORDS,
    NUMBER,
    plain_amounts,
    plain_named_amounts,
)
from adapters.converter import TEXT, Converted, Converter, Example, Options, Words

DECIMALS = 6  # of an amount in 万元: the last one is a fen
_DECIMALS_OF_YUAN = 2

_NUMBER = NUMBER
_UNIT = rf"(?<scale>[万亿]?)(?<yuan>[元圆]?)(?<currency>(?:{CURRENCY_WORDS})?)(?:币)?[元圆]?"
_AMOUNT = rf"^{_NUMBER}{_UNIT}$"
_CURRENCY = rf"^[0-9,.]*{_UNIT}$"


def amount_wan(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """An amount in 万 (10,000) of its currency; a number without a unit is in 万 already."""
    return Converted(_in_wan(cells[0], plain_is_yuan=False), cells[0].is_not_null())


def amount_yuan_to_wan(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """An amount in 万; a number without a unit is in 元. A unit in the cell counts more."""
    return Converted(_in_wan(cells[0], plain_is_yuan=True), cells[0].is_not_null())


def amount_yuan(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """An amount in 元; so is a number without a unit."""
    return Converted(_in_yuan(cells[0], plain_is_wan=False), cells[0].is_not_null())


def amount_wan_to_yuan(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """An amount in 元; a number without a unit is in 万. A unit in the cell counts more."""
    return Converted(_in_yuan(cells[0], plain_is_wan=True), cells[0].is_not_null())


def currency(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """ISO 4217 code of the currency that an amount's cell names; 元 alone is CNY; else null."""
    unit = _bare(cells[0]).str.extract_groups(_CURRENCY)
    named = pl.field("currency").replace_strict(CURRENCIES, default=None)
    in_yuan = pl.when(pl.field("yuan") != "").then(pl.lit("CNY"))
    return Converted(_last(unit.struct.with_fields(pl.coalesce(named, in_yuan).alias("value"))))


def decimal(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """A number without unit, as a decimal text without trailing zeros."""
    sign = pl.when(pl.field("sign") == "-").then(pl.lit("-")).otherwise(pl.lit(""))
    parts = _parts(cells[0].str.replace_all(r"\s", ""), rf"^(?<sign>-?){_NUMBER}$")
    parts = _trimmed(parts, pl.field("whole"), pl.field("rest"))
    value = _last(parts.struct.with_fields((sign + _joined()).alias("value")))
    return Converted(value.replace("-0", "0"), cells[0].is_not_null())


def integer(cells: Sequence[pl.Expr], _options: Options) -> Converted:
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


def _in_yuan(cell: pl.Expr, plain_is_wan: bool) -> pl.Expr:
    """The point goes 4 places right for 万, 8 for 亿."""
    named = (pl.field("yuan") != "") | (pl.field("currency") != "")
    in_wan = (pl.field("scale") == "万") | (~named & (pl.field("scale") == "") & plain_is_wan)
    in_yi = pl.field("scale") == "亿"
    whole, rest, high = pl.field("whole"), pl.field("rest"), pl.field("high")
    parts = _parts(_bare(cell), _AMOUNT).struct.with_fields(rest.str.pad_end(8, "0").alias("high"))
    parts = _trimmed(
        parts,
        pl.when(in_wan).then(whole + high.str.head(4)).when(in_yi).then(whole + high.str.head(8))
        .otherwise(whole),
        pl.when(in_wan).then(high.str.slice(4)).when(in_yi).then(high.str.slice(8))
        .otherwise(rest),
    )  # fmt: skip
    fits = pl.field("rest").str.len_bytes() <= _DECIMALS_OF_YUAN
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


_NUMBERS = ("decimal", *TEXT)
_CODE = "amount_unreadable"
_FORMS = Words(
    "12,000.00元、1.2万、1.5亿元、300(万美元)、￥12,000、人民币壹万贰仟元整、二千元、1亿2000万元、5元3角",
    "12,000.00元, 1.2万, 1.5亿元, 300(万美元), ￥12,000, 人民币壹万贰仟元整, 二千元, 1亿2000万元, 5元3角",
)


def _amounts(bare_zh: str, bare: str) -> Words:
    return Words(
        f"{_FORMS.zh}；没有单位的数{bare_zh}", f"{_FORMS.en}; a number without unit {bare}"
    )


CONVERTERS = {
    "amount_wan": Converter(
        amount_wan, _NUMBERS, _amounts("以万元计", "is in 万"),
        (
            Example("10,800(万元人民币)", "10800"), Example("1,000,000(人民币元)", "100"),
            Example("壹万贰仟元整", "1.2"), Example("￥1.2万", "1.2"), Example("3,0000000(万)", ...),
        ),
        _CODE, "narrow", rewrite=plain_amounts,
    ),
    "amount_yuan_to_wan": Converter(
        amount_yuan_to_wan, _NUMBERS, _amounts("以元计，结果为万元", "is in 元; the result is in 万"),
        (Example("10000.0", "1"), Example("5万元", "5"), Example("二千元", "0.2")),
        _CODE, "narrow", rewrite=plain_amounts,
    ),
    "amount_yuan": Converter(
        amount_yuan, _NUMBERS, _amounts("以元计，结果为元", "is in 元, and so is the result"),
        (
            Example("12,000.50", "12000.5"), Example("1.2万", "12000"), Example("1.5亿元", "150000000"),
            Example("人民币伍元叁角贰分", "5.32"), Example("12.345元", ...),
        ),
        _CODE, "narrow", rewrite=plain_amounts,
    ),
    "amount_wan_to_yuan": Converter(
        amount_wan_to_yuan, _NUMBERS, _amounts("以万元计，结果为元", "is in 万; the result is in 元"),
        (Example("1.2", "12000"), Example("12000元", "12000"), Example("1亿2000万元", "120000000")),
        _CODE, "narrow", rewrite=plain_amounts,
    ),
    "currency": Converter(
        currency, TEXT,
        Words(
            "金额单元格中的币种；只写元的为人民币，没有写的为空",
            "the currency in an amount's cell; 元 alone is CNY, none gives nothing",
        ),
        (Example("300(万美元)", "USD"), Example("人民币壹万元整", "CNY"), Example("300", None)),
        takes="narrow",
        rewrite=plain_named_amounts,
    ),
    "decimal": Converter(
        decimal, _NUMBERS,
        Words("1,234.50、-3 等没有单位的数", "a number without unit: 1,234.50, -3"),
        (Example("1,234.50", "1234.5"), Example("-3.0", "-3"), Example("3元", ...)),
        _CODE, "narrow",
    ),
    "integer": Converter(
        integer, ("integer",), Words("1 2 3 … 1,234 12.0", "1 2 3 … 1,234 12.0"),
        (Example("1,234", 1234), Example("12.0", 12), Example("1.5", ...)), takes="narrow",
    ),
}  # fmt: skip
