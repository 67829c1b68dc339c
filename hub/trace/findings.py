"""What the trace ledger lacks, and where it contradicts itself; each finding names the rows that it is about.

Operators check and keep proof of what they buy and record what they sell (食品安全法 第五十条、第五十三条;
食用农产品市场销售质量安全监督管理办法, order 81), so a movement between two of them stands in the ledger twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from exchange_schemas.days import HERE
from hub.trace import contradictions, gaps
from hub.trace.sides import Sides

GAP, CONTRADICTION = "gap", "contradiction"
#: kind → (gap or contradiction, what finds it)
KINDS: Mapping[str, tuple[str, Callable[[Sides], pl.DataFrame]]] = {
    "stage_before_unknown": (GAP, gaps.stage_before_unknown),
    "batch_missing": (GAP, gaps.batch_missing),
    "purchase_missing": (GAP, gaps.purchase_missing),
    "sale_unrecorded": (GAP, gaps.sale_unrecorded),
    "receipt_unrecorded": (GAP, gaps.receipt_unrecorded),
    "certificate_missing": (GAP, gaps.certificate_missing),
    "certificate_expired": (CONTRADICTION, contradictions.certificate_expired),
    "sold_before_received": (CONTRADICTION, contradictions.sold_before_received),
    "received_before_sent": (CONTRADICTION, contradictions.received_before_sent),
    "sold_after_expiry": (CONTRADICTION, contradictions.sold_after_expiry),
    "more_out_than_in": (CONTRADICTION, contradictions.more_out_than_in),
    "units_differ": (CONTRADICTION, contradictions.units_differ),
    "quantity_differs": (CONTRADICTION, contradictions.quantity_differs),
    "product_differs": (CONTRADICTION, contradictions.product_differs),
}
_OF_ROW = (
    "product_name", "producer_name", "batch", "produced_on", "operator_name", "operator_uscc",
    "counterparty_name", "counterparty_uscc", "division_code",
)  # fmt: skip
SCHEMA = {
    "finding_id": pl.String, "kind": pl.String, "level": pl.String,
    "trace_batch_nos": pl.List(pl.String), **dict.fromkeys(_OF_ROW, pl.String),
    "found": pl.String, "expected": pl.String, "happened_on": pl.String,
}  # fmt: skip


def findings(
    rows: pl.DataFrame, papers: pl.DataFrame, about: pl.Series | None = None
) -> pl.DataFrame:
    """What is found among movements and their certificates: `SCHEMA`, the oldest first.

    `about` are trace codes: only what begins with one of them is told, so that rows beside them may be
    given that are there to compare with.
    """
    sides = Sides.of(rows, papers)
    parts = []
    for kind, (level, find) in KINDS.items():
        told = find(sides)
        if about is not None:
            told = told.join(about.to_frame("code"), on="code", how="semi")
        parts.append(told.with_columns(kind=pl.lit(kind), level=pl.lit(level)))
    day = pl.col("at").dt.convert_time_zone(HERE.key).dt.strftime("%Y-%m-%d")
    about_row = rows.select("code", *_OF_ROW, happened_on=day).unique("code")
    whole = pl.concat(parts).join(about_row, on="code")
    return (
        whole.with_columns(finding_id=pl.concat_str("kind", "code", separator=":"))
        .sort("happened_on", "finding_id")
        .select(list(SCHEMA))
    )
