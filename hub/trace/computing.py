"""The analysis `trace`: findings in the ledger, what the public may look up, and recalls as records."""

from __future__ import annotations

import json
from collections.abc import Iterator

import polars as pl
from sqlalchemy import select

from hub.analysis.inputs import Inputs, Result
from hub.bulk import select_frame
from hub.trace.affected import Affected, affected
from hub.trace.findings import findings
from hub.trace.public_rows import public_rows
from hub.trace.tables import recall

FINDING, PUBLIC, RECALL = "trace_finding", "food_trace_public", "product_recall"
_RECALL = {
    **dict.fromkeys(
        (
            "started_on", "product_name", "spec", "batch", "producer_name", "producer_uscc",
            "recalled_by", "kind", "level", "reason", "state", "ended_on", "quantity_sold",
            "quantity_returned", "unit", "authority", "sample_no", "penalty_doc_no", "evidence",
        ),
        pl.String,
    ),
    "id": pl.Int64,
}  # fmt: skip


def compute(inputs: Inputs) -> Iterator[Result]:
    """`trace_finding`, `food_trace_public` of what changed, and every recall."""
    near = affected(inputs)
    told = findings(near.rows, near.papers, near.about).with_columns(
        trace_batch_no=pl.col("finding_id").str.replace(r"^[a-z_]+:", "")
    )
    yield _part(inputs, FINDING, "trace_batch_no", "finding_id", told, near)
    shown = public_rows(near.rows, near.papers, near.traders)
    if near.about is not None:
        shown = shown.join(near.about.to_frame("trace_code"), on="trace_code", how="semi")
    yield _part(inputs, PUBLIC, "trace_code", "trace_code", shown, near)
    yield Result(RECALL, recalls(inputs))


def _part(
    inputs: Inputs, dataset: str, code: str, key: str, rows: pl.DataFrame, near: Affected
) -> Result:
    """A part of the results, and what was said of these trace codes before and isn't any more."""
    if near.about is None:
        return Result(dataset, rows)
    said = inputs.scan(dataset).select("_key", *dict.fromkeys((key, code))).collect()
    mine = said.join(near.about.to_frame(code), on=code, how="semi")
    gone = mine.join(rows.select(key), on=key, how="anti")
    return Result(dataset, rows, gone["_key"])


def recalls(inputs: Inputs) -> pl.DataFrame:
    """Every recall as a record of product_recall."""
    with inputs.engine.connect() as connection:  # read in blocks: one transaction
        rows = select_frame(connection, select(*(recall.c[name] for name in _RECALL)), _RECALL)
    number = pl.concat_str(
        pl.lit("ZH"),
        pl.col("started_on").str.slice(0, 4),
        pl.col("id").cast(pl.String).str.zfill(5),
    )
    evidence = pl.Series(
        "evidence", [json.loads(one) for one in rows["evidence"]], pl.List(pl.String)
    )
    return rows.with_columns(evidence, recall_no=number).drop("id")
