"""Issues of rows that broke a rule: the offending value, and the words of the message."""

from __future__ import annotations

import json

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.compiler import Rule
from exchange_schemas.issue import ISSUE_COLUMNS
from exchange_schemas.standard import Standard
from exchange_schemas.titles import title_words

SHOWN = 500  # characters of an offending value that an issue keeps


def explain(standard: Standard, rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """One issue (`ISSUE_COLUMNS`) for each of `rows`, all of which broke `rule`."""
    return pl.DataFrame(
        {
            "line": rows[LINE],
            "field": _all(rule.field or None, rows.height),
            "code": _all(rule.code, rows.height),
            "value": _shown(rows, rule.field),
            "params": _params(standard, rule, rows),
        },
        schema=ISSUE_COLUMNS,
    )


def _all(text: str | None, height: int) -> pl.Series:
    return pl.repeat(text, height, dtype=pl.String, eager=True)


def _shown(rows: pl.DataFrame, name: str) -> pl.Series:
    if name not in rows.columns:
        return _all(None, rows.height)
    column = rows[name]
    if _is_list(column):
        column = column.list.join("；")
    return column.cast(pl.String).str.slice(0, SHOWN)


def _params(standard: Standard, rule: Rule, rows: pl.DataFrame) -> pl.Series:
    """The words of each row's message: JSON objects."""
    titled = [standard.fields[n] for n in (rule.field, *rule.others) if n in standard.fields]
    words = {**(title_words(titled) if titled else {}), **rule.params}
    computed = _computed(rule, rows)
    if computed is None:
        return _all(json.dumps(words, ensure_ascii=False), rows.height)
    texts = [pl.lit(text).alias(name) for name, text in words.items()]
    told = computed.to_frame().select(pl.struct(*texts, computed.name).struct.json_encode())
    return told.to_series()


def _computed(rule: Rule, rows: pl.DataFrame) -> pl.Series | None:
    """The word that is another in every row: the right check digit, or the characters found."""
    if rule.expected is not None:
        return rule.expected(rows[rule.field]).alias("expected")
    if rule.code not in {"length", "too_short"}:
        return None
    value = rows[rule.field]
    if not _is_list(value):
        return value.str.len_chars().cast(pl.String).alias("found")
    lengths = value.list.eval(pl.element().str.len_chars())
    worst = lengths.list.max() if rule.code == "length" else lengths.list.min()
    return worst.cast(pl.String).alias("found")


def _is_list(value: pl.Series) -> bool:
    return isinstance(value.dtype, pl.List)
