"""Source columns to the standard's fields: every field of a batch in one pass of Polars."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from adapters.converter import read_plain
from adapters.feed import Feed
from adapters.mapping_issues import default_issues, unread_issues
from adapters.way import Stages, Way, lay_way
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.standard import Standard

_BREAKS = r"[\t-\r]"  # tab to carriage return


@dataclass(frozen=True, slots=True)
class _Plan:
    """The expressions of a feed: of what its fields are made of, then of its fields and flags."""

    ways: list[Way]
    stages: Stages
    fields: list[pl.Expr]


class Normaliser:
    """Turns a feed's raw batches into rows of its standard; the expressions are built once."""

    def __init__(self, feed: Feed, standard: Standard) -> None:
        self._feed, self._standard = feed, standard
        self._plans: dict[frozenset[str], _Plan] = {}  # by the columns with line breaks

    def normalise(self, batch: Batch) -> Batch:
        """The raw batch as rows of the standard: `_line` and the columns of `standard.dtypes`.

        A field without a rule is null. A cell that its converters can't read is null and an issue
        with the cell as written; the caller rejects such rows.
        """
        plan = self._plan(batch.rows)
        # in stages, so that a cell that serves several fields is trimmed once
        table = plan.stages.over(batch.rows).select(LINE, *plan.fields).collect()
        issues = [batch.issues]
        for way in plan.ways:
            if way.converter.rewrite is not None:
                table = _read_again(way, plan.stages, batch.rows, table)
            if way.given is not None:
                issues.append(unread_issues(way, plan.stages, batch.rows, table))
            if way.rule.default is not None:
                issues.append(default_issues(way, table))
        rows = table.select(LINE, *self._standard.dtypes)
        return Batch(rows, pl.concat(issues), batch.unreadable)

    def _plan(self, rows: pl.DataFrame) -> _Plan:
        broken = _columns_with_breaks(rows, self._feed.columns)
        if broken not in self._plans:
            stages = Stages()
            ways = _ways(self._feed, self._standard, broken, stages)
            flags = [flag for way in ways for flag in way.flags()]
            fields = [*_columns(self._standard, self._feed, ways), *flags]
            self._plans[broken] = _Plan(ways, stages, fields)
        return self._plans[broken]


def normalise(feed: Feed, standard: Standard, batch: Batch) -> Batch:
    """One raw batch as rows of the standard, as `Normaliser.normalise` gives it."""
    return Normaliser(feed, standard).normalise(batch)


def _columns(standard: Standard, feed: Feed, ways: list[Way]) -> list[pl.Expr]:
    made = {way.field.name: way.value for way in ways}
    constants = {n: rule.value for n, rule in feed.fields.items() if not rule.columns}
    return [
        made.get(name, pl.lit(constants.get(name), dtype)).cast(dtype).alias(name)
        for name, dtype in standard.dtypes.items()
    ]


def _ways(feed: Feed, standard: Standard, broken: frozenset[str], stages: Stages) -> list[Way]:
    """The ways of the feed's mapped fields; what they are made of is added to `stages`."""
    return [
        lay_way(feed, standard.fields[name], rule, broken, stages)
        for name, rule in feed.fields.items()
        if rule.columns
    ]


def _columns_with_breaks(rows: pl.DataFrame, columns: tuple[str, ...]) -> frozenset[str]:
    """Columns where some cell has a line break; joining lines is too slow to do for all."""
    found = rows.select(pl.col(columns).str.contains(_BREAKS).any())
    return frozenset(name for name, any_ in zip(columns, found.row(0), strict=True) if any_)


def _read_again(way: Way, stages: Stages, raw: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The table with what could be read once it was rewritten; only unread rows are looked at."""
    name, flag = way.field.name, way.text_flag if way.rewrites_unasked else way.given_flag
    unread = table[flag] & table[name].is_null()
    if way.converter.rewrite is None or not unread.any():
        return table
    texts = stages.over(raw, unread).select(way.texts[0].alias("text")).collect()["text"]
    plain = way.converter.rewrite(texts, way.last.options)
    there = plain.is_not_null()
    if not there.any():
        return table
    again = read_plain(way.converter, plain.filter(there), way.last.options)
    places, value = unread.arg_true().filter(there), again["value"].cast(way.field.dtype)
    given = table[flag] if way.rewrites_unasked else table[flag].scatter(places, again["given"])
    return table.with_columns(table[name].scatter(places, value), given)
