"""The issues of a mapping: cells that couldn't be read, and defaults that were taken."""

from __future__ import annotations

import json

import polars as pl

from adapters.converters import CONVERTERS
from adapters.way import Stages, Way
from exchange_schemas.batch import LINE
from exchange_schemas.issue import Issue, empty_issues, issues_frame

_WITH_EXPECTED = ("type", "cell_unreadable")  # kinds whose wording says what is read


def unread_issues(
    way: Way, stages: Stages, raw: pl.DataFrame, table: pl.DataFrame
) -> pl.DataFrame:
    """An issue for each cell that the way couldn't read, with the cell as written.

    Of several converters the issue names the one that failed, and what it was given.
    """
    failed = table[way.given_flag] & table[way.field.name].is_null()
    if not failed.any():
        return empty_issues()
    rows = stages.over(raw, failed)
    stepwise = bool(way.rule.steps)
    code = "step_unreadable" if stepwise else way.converter.code
    params = _step_params(way) if stepwise else pl.lit(_params(way, code))
    return rows.select(
        pl.col(LINE).alias("line"),
        pl.lit(way.field.name).alias("field"),
        pl.lit(code).alias("code"),
        _written(way).alias("value"),
        params.alias("params"),
    ).collect()


def default_issues(way: Way, table: pl.DataFrame) -> pl.DataFrame:
    """One issue for all rows of a batch in which the default was taken."""
    lines = table.filter(pl.col(way.default_flag))[LINE]
    if lines.is_empty():
        return empty_issues()
    name, params = way.field.name, {"count": str(len(lines))}
    return issues_frame([Issue("default_taken", lines[0], name, _told(way), params=params)])


def _told(way: Way) -> str:
    default = way.rule.default
    return default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)


def _written(way: Way) -> pl.Expr:
    """The cell that was read, as written: of several the first that isn't empty, or all of them."""
    rule = way.rule
    cells = [pl.when(pl.col(c).str.strip_chars() != "").then(pl.col(c)) for c in rule.cells]
    first = CONVERTERS[rule.steps[0].name] if rule.steps else way.converter
    if rule.expression is None and rule.join is None and not first.all_cells:
        return pl.coalesce(cells)
    return pl.concat_str(cells, separator=" | ", ignore_nulls=True)


def _params(way: Way, code: str) -> str:
    accepts = way.converter.accepts
    told = {"expected": accepts.en, "expected_zh": accepts.zh} if code in _WITH_EXPECTED else {}
    return json.dumps(told)


def _step_params(way: Way) -> pl.Expr:
    """JSON of every row: the step that failed, what it was given, and what it takes."""
    failing = _words(way.last.name, way.texts[0])
    for one in reversed(way.passed):
        failing = pl.when(one.failed).then(_words(one.name, one.text)).otherwise(failing)
    return failing.struct.json_encode()


def _words(name: str, text: pl.Expr) -> pl.Expr:
    accepts = CONVERTERS[name].accepts
    return pl.struct(
        pl.lit(name).alias("step"),
        text.alias("found"),
        pl.lit(accepts.en).alias("expected"),
        pl.lit(accepts.zh).alias("expected_zh"),
    )
