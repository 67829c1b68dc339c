"""Source columns to the standard's fields: every field of a batch in one pass of Polars."""

from __future__ import annotations

import json
from dataclasses import dataclass

import polars as pl

from adapters.convert_text import plain
from adapters.converter import Converted, Converter, cell, narrow
from adapters.converters import CONVERTERS, default_converter
from adapters.feed import Feed
from adapters.rule import Rule
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import empty_issues
from exchange_schemas.standard import Field, Standard

_BREAKS = r"[\t-\r]"  # tab to carriage return


@dataclass(frozen=True, slots=True)
class _Step:
    """One field on its way: its rule, converter and expressions."""

    field: Field
    rule: Rule
    converter: Converter
    converted: Converted

    @property
    def flag(self) -> str:
        return f"_given_{self.field.name}"


@dataclass(frozen=True, slots=True)
class _Plan:
    """The expressions of a feed: of its cells, then of its fields and flags."""

    steps: list[_Step]
    cells: list[pl.Expr]
    fields: list[pl.Expr]


class Normaliser:
    """Turns a feed's raw batches into rows of its standard; the expressions are built once."""

    def __init__(self, feed: Feed, standard: Standard) -> None:
        self._feed, self._standard = feed, standard
        self._plans: dict[frozenset[str], _Plan] = {}  # by the columns with line breaks

    def normalise(self, batch: Batch) -> Batch:
        """The raw batch as rows of the standard: `_line` and the columns of `standard.dtypes`.

        A field without a rule is null. A cell that its converter can't read is null and an issue
        with the cell as written; the caller rejects such rows.
        """
        plan = self._plan(batch.rows)
        # two stages, so that a cell that serves several fields is trimmed once
        table = batch.rows.lazy().with_columns(plan.cells).select(LINE, *plan.fields).collect()
        judged = [step for step in plan.steps if step.converted.given is not None]
        issues = [_issues(step, batch.rows, table) for step in judged]
        rows = table.select(LINE, *self._standard.dtypes)
        return Batch(rows, pl.concat([batch.issues, *issues]), batch.unreadable)

    def _plan(self, rows: pl.DataFrame) -> _Plan:
        broken = _columns_with_breaks(rows, self._feed.columns)
        if broken not in self._plans:
            cells: dict[str, pl.Expr] = {}
            steps = _steps(self._feed, self._standard, broken, cells)
            flags = [
                s.converted.given.alias(s.flag) for s in steps if s.converted.given is not None
            ]
            trimmed = [text.alias(name) for name, text in cells.items()]
            fields = [*_columns(self._standard, self._feed, steps), *flags]
            self._plans[broken] = _Plan(steps, trimmed, fields)
        return self._plans[broken]


def normalise(feed: Feed, standard: Standard, batch: Batch) -> Batch:
    """One raw batch as rows of the standard, as `Normaliser.normalise` gives it."""
    return Normaliser(feed, standard).normalise(batch)


def _columns(standard: Standard, feed: Feed, steps: list[_Step]) -> list[pl.Expr]:
    made = {step.field.name: step.converted.value for step in steps}
    constants = {n: rule.value for n, rule in feed.fields.items() if not rule.columns}
    return [
        made.get(name, pl.lit(constants.get(name), dtype)).cast(dtype).alias(name)
        for name, dtype in standard.dtypes.items()
    ]


def _steps(
    feed: Feed, standard: Standard, broken: frozenset[str], cells: dict[str, pl.Expr]
) -> list[_Step]:
    """The feed's mapped fields; the cells that they need are added to `cells` under their names."""
    return [
        _step(feed, standard.fields[name], rule, broken, cells)
        for name, rule in feed.fields.items()
        if rule.columns
    ]


def _columns_with_breaks(rows: pl.DataFrame, columns: tuple[str, ...]) -> frozenset[str]:
    """Columns where some cell has a line break; joining lines is too slow to do for all."""
    found = rows.select(pl.col(columns).str.contains(_BREAKS).any())
    return frozenset(name for name, any_ in zip(columns, found.row(0), strict=True) if any_)


def _step(
    feed: Feed, field: Field, rule: Rule, broken: frozenset[str], cells: dict[str, pl.Expr]
) -> _Step:
    name = rule.convert or default_converter(field, feed.format.kind)
    converter = CONVERTERS[name]
    nulls = (*feed.nulls, *rule.nulls)
    taken = [_cell(column, nulls, converter.takes, cells) for column in rule.columns]
    if not converter.all_cells and len(taken) > 1:
        taken = [pl.coalesce(taken)]
    whole = name == "text" and not broken.intersection(rule.columns)
    build = plain if whole else converter.build
    return _Step(field, rule, converter, build(taken, rule.options))


def _cell(column: str, nulls: tuple[str, ...], takes: str, cells: dict[str, pl.Expr]) -> pl.Expr:
    if takes == "raw":
        return pl.col(column)
    name = json.dumps([takes, column, *nulls])
    text = cell(column, nulls)
    cells[name] = narrow(text) if takes == "narrow" else text
    return pl.col(name)


def _issues(step: _Step, raw: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    failed = table[step.flag] & table[step.field.name].is_null()
    if not failed.any():
        return empty_issues()
    params = json.dumps({"expected": step.converter.expected}) if step.converter.expected else "{}"
    # of several cells the first that isn't empty is the one that was read
    written = [
        pl.when(pl.col(c).str.strip_chars() != "").then(pl.col(c)) for c in step.rule.columns
    ]
    return raw.filter(failed).select(
        pl.col(LINE).alias("line"),
        pl.lit(step.field.name).alias("field"),
        pl.lit(step.converter.code).alias("code"),
        pl.coalesce(written).alias("value"),
        pl.lit(params).alias("params"),
    )
