"""Penalty decisions for the bench: columns of 25 fields, of which one row in a hundred is bad."""

from __future__ import annotations

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.identifiers import uscc_expected
from exchange_schemas.standard import Standard

BAD_EVERY = 100  # rows; one is broken, in one of the ways of `_BREAKS` in turn

_PLACES = ("茂南区", "电白区", "高州市", "化州市", "信宜市")
_DIVISIONS = ("440902", "440904", "440981", "440982", "440983")
_TRADES = ("食品", "农资", "五金", "服装", "水产", "药房", "建材", "荔枝")
_VIOLATIONS = (
    "销售超过保质期的食品",
    "发布虚假广告",
    "使用未经检定的计量器具",
    "未按规定公示年度报告",
)

# Field → a value that breaks a rule; None takes the value away.
_BREAKS: tuple[tuple[str, str | None], ...] = (
    ("uscc", "91440902MA0000015Y"),  # another check digit
    ("decided_on", None),
    ("served_on", "2026-02-30"),
    ("doc_no", "茂市监处罚2025第1号"),
    ("fine_wan", None),  # though the kinds name a fine
    ("fine_wan", "1,5"),
    ("subject_type", "公司"),
    ("violation_type", "长" * 2001),
    ("authority_uscc", "1144"),
    ("severity_class", "特别严重"),
)


def penalty_rows(standard: Standard, height: int, *, broken: bool = True) -> pl.DataFrame:
    """`height` normalised rows of administrative_penalty: `_line` and all columns of the standard,
    25 of them filled; with `broken` some of them are wrong."""
    number = pl.int_range(2, height + 2, dtype=pl.Int64)
    filled = pl.select(number.alias(LINE)).select(LINE, **_fields())
    filled = filled.with_columns(
        _with_digit(filled, "uscc"), _with_digit(filled, "authority_uscc")
    )
    wrong = dict.fromkeys(n for n, _ in _BREAKS) if broken else ()
    filled = filled.with_columns(_broken(name) for name in wrong)
    missing = {n: pl.lit(None, t) for n, t in standard.dtypes.items() if n not in filled.columns}
    return filled.with_columns(**missing).select(LINE, *standard.dtypes)


def _fields() -> dict[str, pl.Expr]:
    n = pl.col(LINE)
    place, trade, violation = _one_of(_PLACES), _one_of(_TRADES, 5), _one_of(_VIOLATIONS, 3)
    name = pl.format("茂名市{}第{}{}有限公司", place, n, trade)
    day = pl.date(2026, 4, 1) + pl.duration(days=n % 180)  # all within the calendar
    yuan = 500 + n % 400 * 100
    return {
        "subject_name": name,
        "subject_type": pl.lit("legal_or_unincorporated"),
        "uscc": pl.format("91{}MA{}", _one_of(_DIVISIONS), _padded(n, 7)),
        "legal_rep_name": pl.format("陈{}", _one_of(("晓岚", "致远", "卓然"), 2)),
        "division_code": _one_of(_DIVISIONS),
        "doc_no": pl.format("茂市监处罚〔2025〕{}号", n),
        "case_name": pl.format("{}{}案", name, violation),
        "procedure": pl.lit("普通程序"),
        "violation_type": violation,
        "facts": pl.format("执法人员在{}检查时发现其{}，货值 {} 元。", name, violation, yuan * 2),
        "basis": pl.lit("《中华人民共和国食品安全法》第一百二十四条"),
        "penalty_kinds": pl.when(n % 3 == 0)
        .then(pl.lit(["警告", "罚款"]))
        .otherwise(pl.lit(["罚款"])),
        "content": pl.format("依法责令改正，罚款 {} 元。", yuan),
        "fine_wan": pl.format("{}.{}", yuan // 10_000, _padded(yuan % 10_000, 4)),
        "decided_on": day.cast(pl.String),
        "served_on": (day + pl.duration(days=3)).cast(pl.String),
        "valid_to": (day + pl.duration(days=1095)).cast(pl.String),
        "public_from": (day + pl.duration(days=7)).cast(pl.String),
        "public_until": (day + pl.duration(days=365)).cast(pl.String),
        "severity_class": _one_of(("一般", "严重"), 7),
        "status": pl.lit("正常"),
        "authority": pl.format("茂名市{}市场监督管理局", place),
        "authority_uscc": pl.format("11{}0000000107", _one_of(_DIVISIONS)),
        "source_unit": pl.lit("茂名市市场监督管理局"),
        "source_unit_uscc": pl.lit("11440900000000019J"),
    }


def _one_of(texts: tuple[str, ...], stride: int = 1) -> pl.Expr:
    place = (pl.col(LINE) // stride % len(texts)).cast(pl.UInt32)
    return pl.lit(pl.Series(texts)).gather(place)


def _padded(number: pl.Expr, width: int) -> pl.Expr:
    return number.cast(pl.String).str.zfill(width)


def _with_digit(rows: pl.DataFrame, name: str) -> pl.Series:
    """The column's bodies of 17 characters with their check digits."""
    body = rows[name].str.pad_end(17, "0").str.head(17)
    return (body + uscc_expected(body + "0")).alias(name)


def _broken(name: str) -> pl.Expr:
    n, value = pl.col(LINE), pl.col(name)
    for turn, (field, wrong) in enumerate(_BREAKS):
        if field == name:
            mine = (n % BAD_EVERY == 0) & (n // BAD_EVERY % len(_BREAKS) == turn)
            value = pl.when(mine).then(pl.lit(wrong, pl.String)).otherwise(value)
    return value.alias(name)
