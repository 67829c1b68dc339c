"""Rows that keep their standard's rules, under their keys and digests: all that is done before the ledger is asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.issue import ISSUE_COLUMNS, empty_issues
from exchange_schemas.record import key_expr, with_digest
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check
from hub.findings import errors_of


@dataclass(frozen=True, slots=True)
class Named:
    """`rows` of the normalised `batch` that keep the rules, with `_key`, `_json`, `_digest`; `issues` are those
    of the others."""

    batch: Batch
    rows: pl.DataFrame
    issues: pl.DataFrame


def name_rows(standard: Standard, batch: Batch, mapped: Collection[str] | None = None) -> Named:
    """Check a normalised batch, and name what passes; `mapped` are the fields that the source has, None: all."""
    rows, issues = _validated(standard, batch, mapped)
    named, missing = _identified(standard, rows)
    return Named(batch, named, pl.concat([issues, missing]))


def _validated(
    standard: Standard, batch: Batch, mapped: Collection[str] | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that keep the standard's rules and could be read, and the issues of the others.

    A value that couldn't be read is null from there on; it isn't reported as missing as well.
    """
    checked = check(standard, batch, mapped)
    unread = errors_of(batch.issues).drop_nulls("line")
    if unread.is_empty():
        return checked.rows, checked.issues
    issues = checked.issues.join(unread, on=["line", "field"], how="anti", nulls_equal=True)
    return checked.rows.filter(~pl.col(LINE).is_in(unread["line"].implode())), issues


def _identified(standard: Standard, rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add `_key`, `_json`, `_digest`; rows without a key become key_missing issues."""
    named = with_digest(rows, standard.dtypes).with_columns(key_expr(standard).alias("_key"))
    if named["_key"].null_count() == 0:
        return named, empty_issues()
    lost = named.filter(pl.col("_key").is_null())
    issues = lost.select(
        line=LINE,
        field=pl.lit("/".join(standard.key[0])),
        code=pl.lit("key_missing"),
        value=pl.lit(None, pl.String),
        params=pl.lit("{}"),
    ).cast(ISSUE_COLUMNS)
    return named.drop_nulls("_key"), issues
