"""The findings of all batches, as the last computing left them."""

from __future__ import annotations

import polars as pl

from hub.analysis.inputs import Inputs

DATASET = "trace_finding"


def newest_findings(
    inputs: Inputs, kind: str, most: int, operator: str = ""
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """((kind, rows): how many there are of each kind, the most frequent first; the newest of a kind and an
    operator, or of all where these are "", with the fields of the standard)."""
    rows = inputs.scan(DATASET)
    counts = (
        rows.group_by("kind").agg(rows=pl.len()).sort("rows", "kind", descending=[True, False])
    )
    for name, value in (("kind", kind), ("operator_uscc", operator)):
        rows = rows.filter(pl.col(name) == value) if value else rows
    newest = rows.sort("happened_on", "finding_id", descending=[True, False]).head(most)
    return counts.collect(), newest.drop("_key", "_seq").collect()
