"""Movements: the ledger's rows with who sold to whom, of which lot, how much and when.

| column | meaning |
|---|---|
| code | the row's trace code |
| lot | batch (or date of production), producer and product as compared; null where the batch isn't said |
| batch_key | the batch as compared |
| party, other | operator and counterparty: credit code, or `name:` and the name as compared |
| seller, buyer | the same two, by direction |
| amount, measure | the quantity in 克, 毫升, or the unit as written |
| at | when it was traded, UTC |

A counterparty without a credit code has that of the one operator of its name in the same lot.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.lots import amount, batch_key, measure, name_key

LEDGER, CERTIFICATES = "food_trace_ledger", "food_trace_certificate"
OFFICES = frozenset(("market_regulation", "industry_information"))  # whose the ledger is
IN, OUT = "进", "出"
FIELDS = (
    "trace_batch_no", "prev_batch_no", "operator_name", "operator_uscc", "direction",
    "counterparty_name", "counterparty_uscc", "product_name", "product_category", "producer_name",
    "spec", "batch", "produced_on", "expires_on", "quantity", "unit", "happened_at", "division_code",
)  # fmt: skip
_NONE = ""


def keyed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """`rows` of the ledger (`FIELDS`) with `batch_key` and `lot`."""
    key = batch_key(pl.coalesce("batch", "produced_on"))
    lot = pl.concat_str(
        pl.col("batch_key"),
        name_key(pl.col("producer_name")).fill_null(_NONE),
        name_key(pl.col("product_name")),
        separator="\n",
    )
    return rows.with_columns(batch_key=key).with_columns(lot=lot)


def lot_of(key: str, producer: str | None, product: str) -> str:
    """The lot of a batch as compared, of a producer (None: not said) and a product."""
    given = pl.DataFrame({"n": [producer or _NONE, product]})
    return "\n".join((key, *given.select(name_key(pl.col("n"))).to_series()))


def movements(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The movements of rows that have their keys (`keyed`)."""
    name = name_key(pl.col("counterparty_name"))
    codes = (
        rows.select("lot", _name=name_key(pl.col("operator_name")), _code="operator_uscc")
        .unique()
        .group_by("lot", "_name")
        .agg(pl.col("_code").min(), _many=pl.len())
        .filter(pl.col("_many") == 1)
        .drop("_many")
    )
    named = rows.with_columns(_name=name).join(
        codes, on=["lot", "_name"], how="left", maintain_order="left"
    )
    other = pl.coalesce("counterparty_uscc", "_code", pl.concat_str(pl.lit("name:"), "_name"))
    told = named.with_columns(
        code="trace_batch_no",
        prev="prev_batch_no",
        party="operator_uscc",
        other=other,
        amount=amount(pl.col("quantity"), pl.col("unit")),
        measure=measure(pl.col("unit")),
        at=pl.col("happened_at").str.to_datetime("%+", time_zone="UTC", strict=False),
        by_producer=(name_key(pl.col("producer_name")) == name_key(pl.col("operator_name"))),
        from_producer=(name_key(pl.col("producer_name")) == pl.col("_name")),
    ).drop("_name", "_code")
    out = pl.col("direction") == OUT
    return told.with_columns(
        seller=pl.when(out).then("party").otherwise("other"),
        buyer=pl.when(out).then("other").otherwise("party"),
        by_producer=pl.col("by_producer").fill_null(value=False),
        from_producer=pl.col("from_producer").fill_null(value=False),
    )
