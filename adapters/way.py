"""A field's way: from the cells of its columns, through its converters, to its value.

What several expressions need is a column of its own, made in stages: first the cells, trimmed once
for all fields that take them, then what each step leaves for the next one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import polars as pl

from adapters.convert_step import first_of, join
from adapters.convert_text import plain
from adapters.converter import Converted, Converter, cell, narrow, tidy
from adapters.converters import CONVERTERS, steps_of
from adapters.expression import put_together
from adapters.feed import Feed
from adapters.rule import Rule, Step
from exchange_schemas.standard import Field


@dataclass(frozen=True, slots=True)
class Stages:
    """Columns to be made before the fields: those of a stage take only earlier ones."""

    columns: list[dict[str, pl.Expr]] = field(default_factory=list)

    def put(self, stage: int, name: str, expression: pl.Expr) -> pl.Expr:
        """The column `name` of `stage`, from 0."""
        while len(self.columns) <= stage:
            self.columns.append({})
        self.columns[stage][name] = expression
        return pl.col(name)

    def over(self, rows: pl.DataFrame, where: pl.Series | None = None) -> pl.LazyFrame:
        """The rows, or those of them `where` it is true, with all the columns."""
        # lazily, so that columns which nobody asks for aren't copied
        table = rows.lazy() if where is None else rows.lazy().filter(where)
        for stage in self.columns:
            if stage:
                table = table.with_columns(text.alias(name) for name, text in stage.items())
        return table


@dataclass(frozen=True, slots=True)
class Passed:
    """A step before the last: what it was given, and where (Boolean) it could make nothing of it."""

    name: str
    text: pl.Expr
    failed: pl.Expr


@dataclass(frozen=True, slots=True)
class Way:
    """How one field comes about. `last` with its `converter` gives the value of `texts`.

    `given` holds where there must be a value; None: any cell can be read.
    """

    field: Field
    rule: Rule
    passed: list[Passed]
    last: Step
    converter: Converter
    texts: list[pl.Expr]
    converted: Converted

    @property
    def given_flag(self) -> str:
        """The column that says where there must be a value."""
        return f"_given_{self.field.name}"

    @property
    def text_flag(self) -> str:
        """The column that says where there is a text; of converters that rewrite, and can't fail."""
        return f"_text_{self.field.name}"

    @property
    def default_flag(self) -> str:
        """The column that says where the default was taken."""
        return f"_default_{self.field.name}"

    @property
    def given(self) -> pl.Expr | None:
        """Where a null means that some step couldn't read what it got; Boolean, no nulls."""
        last = [] if self.converted.given is None else [self.converted.given]
        all_ = [*(one.failed for one in self.passed), *last]
        return None if not all_ else all_[0] if len(all_) == 1 else pl.any_horizontal(all_)

    @property
    def value(self) -> pl.Expr:
        """The field's value, with the default where there is no text."""
        if self.rule.default is None:
            return self.converted.value
        default = pl.lit(self.rule.default, self.field.dtype)
        value = self.converted.value.cast(self.field.dtype)
        return pl.when(self.absent).then(default).otherwise(value)

    @property
    def absent(self) -> pl.Expr:
        """Where there is no text, and no step that failed took it away."""
        none = pl.all_horizontal(text.is_null() for text in self.texts)
        return (
            none & ~pl.any_horizontal(one.failed for one in self.passed) if self.passed else none
        )

    def flags(self) -> list[pl.Expr]:
        """Boolean columns that stand beside the values until the issues are made."""
        given = self.given
        flags = [] if given is None else [given.alias(self.given_flag)]
        if self.rewrites_unasked:
            flags.append(self.texts[0].is_not_null().alias(self.text_flag))
        if self.rule.default is not None:
            flags.append(self.absent.alias(self.default_flag))
        return flags

    @property
    def rewrites_unasked(self) -> bool:
        """Whether a null of the converter is no fault, and may still be for want of rewriting."""
        return self.converter.rewrite is not None and self.converted.given is None


def lay_way(feed: Feed, field: Field, rule: Rule, broken: frozenset[str], stages: Stages) -> Way:
    """The way of a rule with columns; `broken` are the columns in which cells have line breaks."""
    *before, last = steps_of(rule, field, feed.format.kind)
    converter = CONVERTERS[last.name]
    nulls = (*feed.nulls, *rule.nulls)
    first = CONVERTERS[before[0].name] if before else converter
    texts = _gather(rule, first, nulls, stages)
    passed: list[Passed] = []
    for place, step in enumerate(before):
        texts = [_pass(step, texts, (field.name, place), passed, stages)]
    if before and converter.takes == "narrow":
        name = json.dumps([field.name, "narrow"])
        texts = [stages.put(2 * len(before) + 1, name, narrow(texts[0]))]
    beside = [] if rule.as_of is None else [_cell(rule.as_of, nulls, "narrow", stages)]
    whole = last.name == "text" and not before and not broken.intersection(rule.columns)
    build = plain if whole else converter.build
    converted = build([*texts, *beside], last.options)
    return Way(field, rule, passed, last, converter, texts, converted)


def _gather(rule: Rule, first: Converter, nulls: tuple[str, ...], stages: Stages) -> list[pl.Expr]:
    """What the first converter is given: all cells where it takes them all, else one text."""
    taken = [_cell(column, nulls, first.takes, stages) for column in rule.cells]
    if rule.expression is not None:
        cells = dict(zip(rule.cells, taken, strict=True))
        return [put_together(rule.expression, cells)]
    if rule.join is not None:
        return [join(taken, {"separator": rule.join}).value]
    if first.all_cells or len(taken) == 1:
        return taken
    return [first_of(taken, {}).value]


def _pass(
    step: Step, texts: list[pl.Expr], name: tuple[str, int], passed: list[Passed], stages: Stages
) -> pl.Expr:
    """The text that a step leaves for the next one."""
    field_name, place = name
    converter = CONVERTERS[step.name]
    if place and converter.takes == "narrow":
        texts = [narrow(texts[0])]
    made = converter.build(texts, step.options)
    result = stages.put(2 * place + 1, json.dumps([field_name, place, step.name]), made.value)
    if made.given is not None:
        passed.append(Passed(step.name, texts[0], made.given & result.is_null()))
    return stages.put(2 * place + 2, json.dumps([field_name, place]), tidy(result))


def _cell(column: str, nulls: tuple[str, ...], takes: str, stages: Stages) -> pl.Expr:
    if takes == "raw":
        return pl.col(column)
    text = cell(column, nulls)
    name = json.dumps([takes, column, *nulls])
    return stages.put(0, name, narrow(text) if takes == "narrow" else text)
