"""Converters for dates and times, which come out as text in ISO 8601."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from adapters.converter import TEXT, Converted, Converter, Example, Options, Words
from adapters.date_writing import plain_days, plain_moments
from adapters.day_number import SYSTEM_1900

# How registers write "without end"; read in files of licences and registrations.
_OPEN_DAYS = ("2099-12-31", "9999-09-09", "9999-12-31")
_OPEN_WORDS = ("长期", "永久", "永续", "无固定期限", "长期有效", "二〇九九年十二月三十一日")

# 2020-1-31 and its likes, or 20200131; then nothing or midnight. One of the two pairs of groups
# for month and day is always empty.
_WRITTEN = (
    r"^([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
    r"(?:[T ]0?0:00(?::00(?:\.0+)?)?)?$"
)
_DASHED = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$"
_CLOCK = r"[T ]+(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?$"


def date(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """YYYY-MM-DD from 2020-01-31, 2020/1/31, 2020.1.31, 20200131 or 2020年1月31日.

    A time of day is dropped only where it is midnight, or the feed says `time: drop`. What else is
    read, `date_writing.plain_days` rewrites.
    """
    return Converted(day_of(_untimed(cells[0], options)), cells[0].is_not_null())


def date_open(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """As `date`, and null where the register writes "without end" (2099-12-31, 长期 …)."""
    text = _untimed(cells[0], options)
    day, endless = day_of(text), _endless(text)
    return Converted(pl.when(~endless).then(day), cells[0].is_not_null() & ~endless)


def long_term(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """Whether the cell says "without end"; null where there is no cell."""
    return Converted(pl.when(cells[0].is_not_null()).then(_endless(cells[0])))


def datetime(cells: Sequence[pl.Expr], _options: Options) -> Converted:
    """YYYY-MM-DDTHH:MM:SS+08:00 from a date with a time of day in Chinese time."""
    parts = cells[0].str.extract_groups(
        r"^(?<day>[^T ]+)[T ]+(?<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?(?:\+08:?00)?$"
    )
    time = parts.struct.field("time").str.replace(r"^([0-9]{1,2}:[0-9]{2})$", "$1:00")
    time = time.str.to_time("%H:%M:%S", strict=False).dt.to_string("%H:%M:%S")
    day = day_of(parts.struct.field("day"))
    value = pl.concat_str(day, pl.lit("T"), time, pl.lit("+08:00"))
    return Converted(value, cells[0].is_not_null())


def _days_with_numbers(texts: pl.Series, options: Options) -> pl.Series:
    return plain_days(texts, {"serial": SYSTEM_1900, **options})


def _untimed(text: pl.Expr, options: Options) -> pl.Expr:
    return text.str.replace(_CLOCK, "") if options.get("time") == "drop" else text


def day_of(text: pl.Expr) -> pl.Expr:
    """The day that a narrow text says in a usual way, as YYYY-MM-DD; else null."""
    # a field of a struct, because what is used twice is otherwise computed twice
    dashed = pl.struct(text.str.replace(_WRITTEN, "${1}-${2}${4}-${3}${5}").alias("day"))
    day = pl.field("day")
    # only what the pattern made: the date parser itself would take the year 20
    shaped = pl.when(day.str.contains(_DASHED)).then(day).str.to_date("%Y-%m-%d", strict=False)
    return dashed.struct.with_fields(shaped.dt.to_string("%Y-%m-%d").alias("day")).struct["day"]


def _endless(text: pl.Expr) -> pl.Expr:
    ended = day_of(text).is_in(_OPEN_DAYS) | text.is_in(_OPEN_WORDS)
    return ended.fill_null(False)


_DAY, _MOMENT = ("date", *TEXT), ("datetime", *TEXT)
_OPTIONS = frozenset({"day", "time", "serial"})
_CODE = "date_unreadable"
_DAYS = Words(
    "2023-10-12、2023/10/12、2023.10.12、20231012、2023年10月12日、二〇二三年十月十二日，可带 0 点；"
    "带时区的时间取其在中国的日期",
    "2023-10-12, 2023/10/12, 2023.10.12, 20231012, 2023年10月12日, 二〇二三年十月十二日, with midnight "
    "or without; a time with a zone gives its day in China",
)
_MONTH = Example("2023年10月", "2023-10-31", {"day": "last"})

CONVERTERS = {
    "date": Converter(
        date, _DAY, _DAYS,
        (
            Example("2023/10/12 00:00:00", "2023-10-12"),
            Example("二〇二三年十月十二日", "2023-10-12"),
            Example("2023-10-11T16:30:00Z", "2023-10-12"),
            Example("2023年10月", ...), _MONTH,
            Example("2023-10-12 08:30", ...),
            Example("2023-10-12 08:30", "2023-10-12", {"time": "drop"}),
            Example("45211", "2023-10-12", {"serial": True}),
        ),
        _CODE, "narrow", _OPTIONS, rewrite=plain_days,
    ),
    "date_excel": Converter(
        date, _DAY,
        Words(
            "表格软件的日期序号 45211（1900 年起；serial: 1904 为 1904 年起），以及 date 的各种写法",
            "a spreadsheet's day number 45211 (from 1900; from 1904 with serial: 1904), and what "
            "date takes",
        ),
        (
            Example("45211", "2023-10-12"), Example("43749", "2023-10-12", {"serial": 1904}),
            Example("60", ...), Example("2023", ...), Example("2023.10.12", "2023-10-12"),
        ),
        _CODE, "narrow", _OPTIONS, rewrite=_days_with_numbers,
    ),
    "date_open": Converter(
        date_open, _DAY,
        Words(
            "date 的各种写法；2099-12-31、9999-09-09、9999-12-31、长期等表示无期限，结果为空",
            "what date takes; 2099-12-31, 9999-09-09, 9999-12-31, 长期 and the like mean without end "
            "and give nothing",
        ),
        (Example("2099/12/31", None), Example("2030-01-01", "2030-01-01")),
        _CODE, "narrow", _OPTIONS, rewrite=plain_days,
    ),
    "long_term": Converter(
        long_term, ("boolean",),
        Words("与 date_open 相同的单元格；无期限为是", "the cells of date_open; true if without end"),
        (Example("长期", True), Example("2030-01-01", False)), takes="narrow",
    ),
    "datetime": Converter(
        datetime, _MOMENT,
        Words(
            "2023-10-12 8:30、2023年10月12日8时30分、20231012083000、2023-10-12T00:30:00Z 等带时分的时间；"
            "不带时区的视为北京时间",
            "a time of day behind a day: 2023-10-12 8:30, 2023年10月12日8时30分, 20231012083000, "
            "2023-10-12T00:30:00Z; Chinese time where no zone is told",
        ),
        (
            Example("2023/10/12 8:30", "2023-10-12T08:30:00+08:00"),
            Example("2023-10-12T00:30:00Z", "2023-10-12T08:30:00+08:00"),
            Example("Thu, 12 Oct 2023 00:30:00 GMT", "2023-10-12T08:30:00+08:00"),
            Example("2023年10月12日 下午3时05分", "2023-10-12T15:05:00+08:00"),
            Example("45211.5", "2023-10-12T12:00:00+08:00", {"serial": True}),
            Example("2023-10-12", ...),
        ),
        _CODE, "narrow", frozenset({"serial"}), rewrite=plain_moments,
    ),
}  # fmt: skip
