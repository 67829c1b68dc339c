"""Issues of codes that aren't valid on the record's date, in words: since when, and what instead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.code_list import Code, CodeList
from exchange_schemas.code_rules import lister, record_day
from exchange_schemas.codes import load_codes
from exchange_schemas.issue import ISSUE_COLUMNS, empty_issues
from exchange_schemas.standard import Field, Standard
from exchange_schemas.titles import title_words


def code_issues(
    standard: Standard, rows: pl.DataFrame, name: str, as_of: tuple[str, ...]
) -> pl.DataFrame:
    """Issues (`ISSUE_COLUMNS`) of the codes in field `name` that weren't valid on the record's date.

    `as_of` are the fields that give it. One issue for each code: a list may have several. A date that
    isn't one has an issue of its own.
    """
    field, day = standard.fields[name], record_day(as_of, standard.dtypes)
    if field.codelist is None or day is None:
        return empty_issues()
    told = rows.select(
        pl.col(LINE).alias("line"), _texts(field), day.str.slice(0, 10).alias("day")
    )
    if field.kind == "list":
        told = told.explode("value")
    pairs = told.select("value", "day").unique()
    codes = load_codes(field.codelist)
    listed, titles = lister(codes, field.schema), title_words([field])
    words = [
        _params(titles, codes, listed(value), day) if value and day else None
        for value, day in pairs.iter_rows()
    ]
    params = pairs.with_columns(params=pl.Series(words, dtype=pl.String))
    issues = told.join(params, on=["value", "day"], how="left", maintain_order="left")
    found = issues.filter(pl.col("params").is_not_null())
    return found.select(
        "line", field=pl.lit(name), code=pl.lit("code_not_valid"), value="value", params="params"
    ).cast(ISSUE_COLUMNS)


def _texts(field: Field) -> pl.Expr:
    value = pl.col(field.name).alias("value")
    return value if field.kind == "list" else value.cast(pl.String)


def _params(titles: Mapping[str, str], codes: CodeList, code: str, day: str) -> str | None:
    """The words of the message (JSON); None where there is nothing to say."""
    words = _words(codes, code, day)
    return json.dumps({**titles, **words}, ensure_ascii=False) if words else None


@lru_cache(maxsize=20_000)
def _words(codes: CodeList, code: str, day: str) -> dict[str, str]:
    on = _day(day)
    if code not in codes.periods or on is None or codes.valid_on(code, on):
        return {}
    known, instead = codes.periods[code], codes.instead(code, on)
    return {
        "named": _named(known[-1]),
        "named_zh": _named_zh(known[-1]),
        "period": " and ".join(map(_period, known)),
        "period_zh": _periods_zh(known),
        "day": day,
        "instead": _choice("; it should be ", " or ", map(_named, instead)),
        "instead_zh": _choice("，应为", "或", map(_named_zh, instead)),
    }


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None  # 20160301 and 2016-W09-2 are days for Python


def _named(code: Code) -> str:
    return code.code if code.title == code.code else f"{code.code} ({code.title_en or code.title})"


def _named_zh(code: Code) -> str:
    named = f" {code.code}（{code.title}）"
    return f"「{code.code}」" if code.title == code.code else named


def _period(code: Code) -> str:
    if code.valid_from is None:
        return f"until {code.valid_to}"
    return f"from {code.valid_from} " + (f"to {code.valid_to}" if code.valid_to else "on")


def _periods_zh(periods: Sequence[Code]) -> str:
    first, last = periods[0].valid_from, periods[-1].valid_to
    if len(periods) == 1 and last is None:
        return f"自 {first} 起才有效"
    if len(periods) == 1 and first is None:
        return f"只到 {last} 有效"
    spans = (f"{one.valid_from or ''} 至 {one.valid_to or '今'}".strip() for one in periods)
    return f"只在 {'、'.join(spans)} 有效"


def _choice(before: str, between: str, named: Iterable[str]) -> str:
    told = between.join(named)
    return before + told if told else ""
