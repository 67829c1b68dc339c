"""Which time it is that a file lists the very same cells, so that each copy can be a record."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from adapters.feed import Feed
from adapters.rule import Rule
from exchange_schemas.batch import Batch

OCCURRENCE = "_occurrence"  # Int64 column of raw batches of feeds that number repeated rows


def with_occurrence(feed: Feed, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The batches with the column `_occurrence` (1, 2, …), if a field of the feed asks for it.

    Rows are the same when they agree in the cells of the field that says `occurrence: true`.
    """
    asking = [rule for rule in feed.fields.values() if rule.options.get("occurrence")]
    return _count(asking[0], batches) if asking else batches


def _count(rule: Rule, batches: Iterator[Batch]) -> Iterator[Batch]:
    seen = pl.DataFrame(schema={"cells": pl.UInt64, "times": pl.Int64})
    for batch in batches:
        cells = batch.rows.select(pl.struct(rule.columns).hash().alias("cells"))
        here = pl.int_range(1, pl.len() + 1).over("cells")
        before = cells.join(seen, on="cells", how="left", maintain_order="left")["times"]
        times = cells.select(here.alias(OCCURRENCE)).to_series() + before.fill_null(0)
        counted = cells.group_by("cells").agg(pl.len().cast(pl.Int64).alias("times"))
        seen = pl.concat([seen, counted]).group_by("cells").agg(pl.col("times").sum())
        yield Batch(batch.rows.with_columns(times), batch.issues, batch.unreadable)
