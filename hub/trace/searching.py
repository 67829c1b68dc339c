"""Looking for a batch by trace code, batch number, product or operator."""

from __future__ import annotations

import polars as pl

from exchange_schemas.lots import batch_keys_of, same_name
from hub.analysis.inputs import Inputs
from hub.trace.shelf import ROWS, hashed, refreshed

LOTS, _ROWS, _NAMES = 50, 2_000, 20
SCHEMA = {
    "batch": pl.String, "trace_batch_no": pl.String, "product_name": pl.String,
    "producer_name": pl.String, "rows": pl.Int64, "first_on": pl.String, "last_on": pl.String,
}  # fmt: skip


def lots_of(inputs: Inputs, batch: str, producer: str | None) -> pl.DataFrame:
    """`SCHEMA`: the lots of a producer that a text may mean which has a batch, a day of production or both."""
    parts = [pl.DataFrame(schema=SCHEMA)]
    for key in batch_keys_of(batch):
        found = search(inputs, key)
        mine = [
            key in batch_keys_of(lot["batch"] or "") and same_name(lot["producer_name"], producer)
            for lot in found.iter_rows(named=True)
        ]
        parts.append(found.filter(pl.Series(mine, dtype=pl.Boolean)))
    return pl.concat(parts).unique("trace_batch_no", maintain_order=True)


def search(inputs: Inputs, words: str) -> pl.DataFrame:
    """`SCHEMA`: the lots that what is looked for leads to, the last that moved first; at most `LOTS`, of the
    last `_ROWS` rows of a product or operator. `rows` counts those that were seen."""
    asked = words.strip()
    if not asked:
        return pl.DataFrame(schema=SCHEMA)
    with refreshed(inputs, ROWS) as shelf:
        batches = hashed(pl.Series(batch_keys_of(asked), dtype=pl.String))
        products = [name for (name,) in shelf.names("product", asked, _NAMES)]
        operators = [code for code, _ in shelf.names("operator", asked, _NAMES)]
        parts = [
            shelf.find("trace_batch_no", [asked], 1),
            shelf.find("batch_hash", batches, _ROWS),
            shelf.latest("product_name", products, _ROWS),
            shelf.latest("operator_uscc", [asked.upper(), *operators], _ROWS),
        ]
    rows = pl.concat(parts).unique("key")
    lots = (
        rows.sort("happened_at", "key")
        .with_columns(_lot=pl.coalesce("lot", "trace_batch_no"))
        .group_by("_lot")
        .agg(
            batch=pl.coalesce("batch", "produced_on").first(),
            trace_batch_no=pl.col("trace_batch_no").first(),
            product_name=pl.col("product_name").first(),
            producer_name=pl.col("producer_name").first(),
            rows=pl.len().cast(pl.Int64),
            first_on=pl.col("happened_at").first().str.slice(0, 10),
            last_on=pl.col("happened_at").last().str.slice(0, 10),
        )
    )
    newest = lots.sort("last_on", "trace_batch_no", descending=[True, False])
    return newest.head(LOTS).select(list(SCHEMA))
