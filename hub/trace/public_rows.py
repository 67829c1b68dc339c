"""What the public may see of a trace code: product, producer, batch and certificates, of the first row only.

Operators, counterparties, quantities and times of trade are business secrets (反不正当竞争法 第九条), and the
dataset has no field for them. A voucher names both sides and is left out, an issuer who trades isn't named.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.lots import name_key
from hub.trace.movements import IN, LEDGER, OUT

VOUCHER = "进货票据"


def public_rows(rows: pl.DataFrame, papers: pl.DataFrame, traders: pl.Series) -> pl.DataFrame:
    """Records of food_trace_public, of movements and their certificates; `traders` are the names of all who trade.

    Of a lot these are the producer's own sales; else purchases from the producer; else its first row.
    """
    lot = pl.coalesce("lot", "code")
    rank = (
        pl.when(pl.col("by_producer"), pl.col("direction") == OUT)
        .then(0)
        .when(pl.col("from_producer"), pl.col("direction") == IN)
        .then(1)
        .otherwise(2)
    )
    ranked = rows.sort("at", "code").with_columns(_lot=lot, _rank=rank)
    ranked = ranked.with_columns(_turn=pl.int_range(pl.len()).over("_lot"))
    first = ranked.filter(
        (pl.col("_rank") < 2) | (pl.col("_turn") == 0),
        pl.col("_rank") == pl.col("_rank").min().over("_lot"),
    )
    code = (
        pl.when(pl.col("by_producer"))
        .then("operator_uscc")
        .when(pl.col("from_producer"))
        .then("counterparty_uscc")
    )
    return (
        first.with_columns(trace_code="code", producer_uscc=code)
        .join(_certificates(first, papers, traders), on="code", how="left")
        .select(
            "trace_code",
            "product_name",
            "product_category",
            "spec",
            "producer_name",
            "producer_uscc",
            "batch",
            "produced_on",
            "expires_on",
            "certificates",
            evidence=pl.concat_list(pl.concat_str(pl.lit(f"{LEDGER}:"), "code")),
        )
    )


def _certificates(rows: pl.DataFrame, papers: pl.DataFrame, traders: pl.Series) -> pl.DataFrame:
    """code → kind, number and issuer of each certificate, without days."""
    issuer = name_key(pl.col("issuer"))
    trading = traders.to_frame("name").select(name_key(pl.col("name"))).to_series().unique()
    shown = (
        papers.filter(pl.col("kind") != VOUCHER)
        .join(rows.select(trace_batch_no="code", producer="producer_name"), on="trace_batch_no")
        .with_columns(
            issuer=pl.when(
                ~issuer.is_in(trading.implode()) | (issuer == name_key(pl.col("producer")))
            ).then("issuer")
        )
    )
    words = pl.concat_str("kind", "certificate_no", "issuer", separator=" ", ignore_nulls=True)
    return (
        shown.with_columns(words=words)
        .sort("words")
        .group_by("trace_batch_no")
        .agg(certificates=pl.col("words").unique(maintain_order=True))
        .rename({"trace_batch_no": "code"})
    )
