"""Gaps of the trace ledger: what should be there and isn't."""

from __future__ import annotations

import polars as pl

from hub.trace.movements import IN, OUT
from hub.trace.sides import STOCK, TRADE, Sides, told

_NOTHING = pl.lit(None, pl.String)
_MEAT = "肉|禽|生猪"  # categories that need a certificate of quarantine (动物防疫法 第五十一条)
_QUARANTINE, _ANY = "检疫", "检疫/检验/承诺达标合格证/进货票据"


def stage_before_unknown(sides: Sides) -> pl.DataFrame:
    """A row names a stage before that no ledger has."""
    rows = sides.rows.filter(pl.col("prev").is_not_null(), pl.col("named_code").is_null())
    return told(rows, pl.col("prev"), _NOTHING)


def batch_missing(sides: Sides) -> pl.DataFrame:
    """Neither batch nor date of production nor the stage before is said: it can't be traced."""
    rows = sides.rows.filter(pl.col("lot").is_null(), pl.col("prev").is_null())
    return told(rows, _NOTHING, _NOTHING)


def purchase_missing(sides: Sides) -> pl.DataFrame:
    """Sold by somebody who didn't make it, and never bought it."""
    named = (pl.col("named_direction") == IN) & (pl.col("named_party") == pl.col("party"))
    rows = sides.sold.filter(
        ~pl.col("by_producer"), pl.col("lot").is_not_null(), ~named.fill_null(value=False)
    )
    rows = rows.join(sides.bought, on=list(STOCK), how="anti")
    # Where the stage before is another's sale, this operator took it on without recording so.
    return told(rows, pl.col("operator_name"), _NOTHING)


def sale_unrecorded(sides: Sides) -> pl.DataFrame:
    """Bought from somebody whose ledger hasn't that sale."""
    named = (pl.col("named_direction") == OUT) & (pl.col("named_party") == pl.col("other"))
    rows = sides.bought.filter(
        pl.col("counterparty_uscc").is_not_null(),
        pl.col("lot").is_not_null(),
        ~named.fill_null(value=False),
    )
    rows = rows.join(sides.sold, on=list(TRADE), how="anti")
    return told(rows, pl.col("counterparty_name"), _NOTHING)


def receipt_unrecorded(sides: Sides) -> pl.DataFrame:
    """Sold to an operator whose ledger hasn't that purchase."""
    taken = sides.bought.select(code="prev").drop_nulls()
    rows = sides.sold.filter(
        pl.col("counterparty_uscc").is_not_null(), pl.col("lot").is_not_null()
    )
    rows = rows.join(taken, on="code", how="anti").join(sides.bought, on=list(TRADE), how="anti")
    return told(rows, pl.col("counterparty_name"), _NOTHING)


def certificate_missing(sides: Sides) -> pl.DataFrame:
    """Bought without any certificate, of the purchase or of the sale that it was; of meat, without one of
    quarantine."""
    papers = sides.papers.select(code="trace_batch_no", kind="kind").unique()
    quarantined = papers.filter(pl.col("kind") == _QUARANTINE)
    meat = pl.col("product_category").str.contains(_MEAT).fill_null(value=False)
    parts = [
        _without(sides, quarantined, sides.bought.filter(meat), _QUARANTINE),
        _without(sides, papers, sides.bought.filter(~meat), _ANY),
    ]
    return pl.concat(parts)


def _without(
    sides: Sides, papers: pl.DataFrame, rows: pl.DataFrame, expected: str
) -> pl.DataFrame:
    with_paper = sides.sold.join(papers, on="code", how="semi")
    rows = rows.join(papers, on="code", how="anti")
    rows = rows.join(papers, left_on="named_code", right_on="code", how="anti")
    rows = rows.join(with_paper, on=list(TRADE), how="anti")
    return told(rows, _NOTHING, pl.lit(expected))
