"""Checks normalised batches against a standard, whole columns at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.compiler import Rule, compile_rules
from exchange_schemas.consistency import consistency_rules
from exchange_schemas.days import today as present_day
from exchange_schemas.explain import explain
from exchange_schemas.issue import ERRORS, empty_issues
from exchange_schemas.row_validator import judge_rows
from exchange_schemas.standard import Standard
from exchange_schemas.titles import with_titles


@dataclass(frozen=True, slots=True)
class Checked:
    """`rows` are the accepted rows with all columns of the batch; `issues` has `ISSUE_COLUMNS`."""

    rows: pl.DataFrame
    issues: pl.DataFrame


def check(
    standard: Standard,
    batch: Batch,
    mapped: Collection[str] | None = None,
    today: date | None = None,
) -> Checked:
    """Check a batch of normalised rows (`_line` and `standard.dtypes`).

    Errors reject their row, warnings don't. A field that the source doesn't have at all is not
    missed in every row: `mapped` names the fields that are looked at for `expected`; None: all.
    `today` is the day as of which something is overdue; None: the present one, in China.
    """
    rows = batch.rows
    if rows.is_empty():
        return Checked(rows, empty_issues())
    rules = _rules_for(standard, rows, mapped, today or present_day())
    flags = _flags(rows, rules)
    flagged = flags.select(pl.all().any()).row(0) if rules else ()
    issues = [
        explain(standard, _failing(rows, flags[str(n)], rules[n]), rules[n])
        for n, some in enumerate(flagged)
        if some
    ]
    found = _judged(standard, rows, pl.concat([empty_issues(), *issues]))
    bad = _errors(found)["line"].unique()
    return Checked(rows.filter(~pl.col(LINE).is_in(bad.implode())) if len(bad) else rows, found)


def _flags(rows: pl.DataFrame, rules: list[Rule]) -> pl.DataFrame:
    """A Boolean column for each rule, named by its number: rows that break it or are suspect.

    Rules of one field share expressions, which are computed once; all else that a plan could be
    optimised for isn't here, and the time for it counts with small batches.
    """
    chosen = (_flag(rule).alias(str(n)) for n, rule in enumerate(rules))
    shared = pl.QueryOptFlags.none(comm_subexpr_elim=True)
    return rows.lazy().select(chosen).collect(engine="in-memory", optimizations=shared)


def _flag(rule: Rule) -> pl.Expr:
    return rule.failed if rule.suspect is None else rule.suspect.fill_null(value=False)


def _failing(rows: pl.DataFrame, flag: pl.Series, rule: Rule) -> pl.DataFrame:
    """The rows that break a rule, with the columns that explaining it needs."""
    exact = () if rule.suspect is None else (rule.failed,)
    named = {name for expr in (*exact, *rule.told.values()) for name in expr.meta.root_names()}
    names = {LINE, rule.field, *rule.as_of, *named} & set(rows.columns)
    return rows.select(sorted(names)).filter(flag).filter(*exact)


def _errors(issues: pl.DataFrame) -> pl.DataFrame:
    return issues.filter(pl.col("code").is_in(ERRORS))


def _rules_for(
    standard: Standard, rows: pl.DataFrame, mapped: Collection[str] | None, today: date
) -> list[Rule]:
    """The rules that can fail: one on a field's value can't where the whole column is null, and one
    that asks for a field can't where none is."""
    counts = rows.select(pl.col(list(standard.dtypes)).null_count()).row(0, named=True)
    empty = {name for name, count in counts.items() if count == rows.height}
    full = {name for name, count in counts.items() if count == 0}
    return [
        rule
        for rule in rules_of(standard, today)
        if (
            not full & {rule.field, *rule.others}
            if rule.code in _ASKING
            else rule.field not in empty
        )
        and (rule.code != "expected" or mapped is None or rule.field in mapped)
    ]


_ASKING = frozenset({"required", "expected"})


@dataclass(frozen=True, slots=True, eq=False)
class _Key:
    """A standard as a key of a cache: the catalogue gives the same object every time."""

    standard: Standard

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.standard is other.standard

    def __hash__(self) -> int:
        return hash((self.standard.dataset, self.standard.version))


@lru_cache(maxsize=64)
def _compiled(key: _Key) -> tuple[list[Rule], frozenset[str]]:
    return compile_rules(key.standard.schema, key.standard.dtypes, key.standard.as_of)


def rules_of(standard: Standard, today: date | None = None) -> list[Rule]:
    """The compiled rules of a standard: those of its schema, and those of its checks as of a day."""
    day = today or present_day()
    return [*_compiled(_Key(standard))[0], *_consistency(_Key(standard), day)]


@lru_cache(maxsize=64)
def _consistency(key: _Key, today: date) -> list[Rule]:
    return consistency_rules(key.standard, today)


def uncompiled(standard: Standard) -> frozenset[str]:
    """Keywords of the standard's schema that only the row validator knows."""
    return _compiled(_Key(standard))[1]


def _judged(standard: Standard, rows: pl.DataFrame, issues: pl.DataFrame) -> pl.DataFrame:
    """`issues` and those of the row validator, where the schema has keywords for it."""
    keywords = uncompiled(standard)
    if not keywords:
        return issues
    told: dict[int, set[str]] = {}
    for line, name in _errors(issues).select("line", "field").iter_rows():
        told.setdefault(line, set()).add(name or "")
    more = judge_rows(standard, rows, told, keywords)
    return pl.concat([issues, with_titles(more, standard.fields)])
