"""Issues of rows that broke a rule: the offending value, and the words of the message."""

from __future__ import annotations

import json

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.code_words import code_issues
from exchange_schemas.compiler import Rule
from exchange_schemas.standard import Dtype, Standard
from exchange_schemas.titles import title_words

SHOWN = 500  # characters of an offending value that an issue keeps


def explain(standard: Standard, rows: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """One issue (`ISSUE_COLUMNS`) for each of `rows`, all of which broke `rule`."""
    if rule.code == "code_not_valid":
        return code_issues(standard, rows, rule.field, rule.as_of)
    given = rule.field in rows.columns
    value = _shown(rule.field, rows.schema[rule.field]) if given else pl.lit(None, pl.String)
    if rule.once:
        value, rows = pl.lit(str(rows.height)), rows.head(1)
    return rows.select(
        pl.col(LINE).alias("line"),
        pl.lit(rule.field or None, pl.String).alias("field"),
        pl.lit(rule.code).alias("code"),
        value.alias("value"),
        _params(standard, rule).alias("params"),
    )


def _shown(name: str, dtype: Dtype) -> pl.Expr:
    value = pl.col(name)
    text = value.list.join("；") if isinstance(dtype, pl.List) else value.cast(pl.String)
    return text.str.slice(0, SHOWN)


def _params(standard: Standard, rule: Rule) -> pl.Expr:
    """The words of each row's message: JSON objects."""
    titled = [standard.fields[n] for n in (rule.field, *rule.others) if n in standard.fields]
    words = {**(title_words(titled) if titled else {}), **rule.params}
    computed = {**rule.told, **_computed(standard, rule)}
    if not computed:
        return pl.lit(json.dumps(words, ensure_ascii=False))
    texts = [pl.lit(text).alias(name) for name, text in words.items()]
    texts += [value.cast(pl.String).alias(name) for name, value in computed.items()]
    return pl.struct(texts).struct.json_encode()


def _computed(standard: Standard, rule: Rule) -> dict[str, pl.Expr]:
    """The word that is another in every row: the right check digit, or the characters found."""
    value = pl.col(rule.field)
    if rule.expected is not None:
        return {"expected": value.map_batches(rule.expected, return_dtype=pl.String)}
    if rule.code not in {"length", "too_short"}:
        return {}
    if standard.fields[rule.field].kind != "list":
        return {"found": value.str.len_chars()}
    lengths = value.list.eval(pl.element().str.len_chars())
    return {"found": lengths.list.max() if rule.code == "length" else lengths.list.min()}
