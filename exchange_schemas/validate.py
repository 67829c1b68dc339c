"""Checks normalised batches against a standard, whole columns at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.compiler import Rule, compile_rules
from exchange_schemas.explain import explain
from exchange_schemas.issue import empty_issues
from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.row_validator import judge_rows
from exchange_schemas.standard import Standard
from exchange_schemas.titles import with_titles


@dataclass(frozen=True, slots=True)
class Checked:
    """`rows` are the accepted rows with all columns of the batch; `issues` has `ISSUE_COLUMNS`."""

    rows: pl.DataFrame
    issues: pl.DataFrame


def check(standard: Standard, batch: Batch, mapped: Collection[str] | None = None) -> Checked:
    """Check a batch of normalised rows (`_line` and `standard.dtypes`).

    Errors reject their row, warnings don't. A field that the source doesn't have at all is not
    missed in every row: `mapped` names the fields that are looked at for `expected`; None: all.
    """
    rows = batch.rows
    if rows.is_empty():
        return Checked(rows, empty_issues())
    rules = _rules_for(standard, rows, mapped)
    flags = rows.lazy().select(rule.failed.alias(str(n)) for n, rule in enumerate(rules)).collect()
    failing = flags.select(pl.all().any()).row(0) if rules else ()
    issues = [
        explain(standard, rows.filter(flags[str(n)]), rules[n])
        for n, fails in enumerate(failing)
        if fails
    ]
    found = _judged(standard, rows, pl.concat([empty_issues(), *issues]))
    bad = _errors(found)["line"].unique()
    return Checked(rows.filter(~pl.col(LINE).is_in(bad.implode())) if len(bad) else rows, found)


_ERRORS = [code for code, kind in KINDS.items() if kind.severity == "error"]


def _errors(issues: pl.DataFrame) -> pl.DataFrame:
    return issues.filter(pl.col("code").is_in(_ERRORS))


def _rules_for(
    standard: Standard, rows: pl.DataFrame, mapped: Collection[str] | None
) -> list[Rule]:
    """The rules that can fail: one on a field's value can't where the whole column is null."""
    nulls = rows.select(pl.col(list(standard.dtypes)).null_count()).row(0, named=True)
    empty = {name for name, count in nulls.items() if count == rows.height}
    rules, _ = _compiled(_Key(standard))
    return [
        rule
        for rule in rules
        if rule.code == "required"
        or (rule.code == "expected" and (mapped is None or rule.field in mapped))
        or (rule.code != "expected" and rule.field not in empty)
    ]


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
    return compile_rules(key.standard.schema, key.standard.dtypes)


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
