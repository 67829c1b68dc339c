"""Which movement follows from which: what leads from one to the other is said with each link."""

from __future__ import annotations

import polars as pl

from hub.trace.movements import IN, OUT

BY_CODE = "code"  # the later one names the earlier one's trace code
BY_TRADE = "trade"  # one's sale to another is that other's purchase, of the same lot
BY_STOCK = "stock"  # an operator's purchase is what it sold, of the same lot
SCHEMA = {"before": pl.String, "after": pl.String, "by": pl.String}


def links(rows: pl.DataFrame) -> pl.DataFrame:
    """before, after (trace codes) and by, of movements."""
    by_code = _by_code(rows)
    # Who names a stage before that is known needs no other link to it.
    loose = rows.join(by_code, left_on="code", right_on="after", how="anti").filter(
        pl.col("lot").is_not_null()
    )
    sold, bought = (
        rows.filter(pl.col("direction") == one, pl.col("lot").is_not_null()) for one in (OUT, IN)
    )
    trade = _linked(sold, loose.filter(pl.col("direction") == IN), ["lot", "seller", "buyer"])
    stock = _linked(bought, loose.filter(pl.col("direction") == OUT), ["lot", "party"])
    told = [
        by_code,
        trade.with_columns(by=pl.lit(BY_TRADE)),
        stock.with_columns(by=pl.lit(BY_STOCK)),
    ]
    return pl.concat([part.select(list(SCHEMA)) for part in told])


def _by_code(rows: pl.DataFrame) -> pl.DataFrame:
    named = rows.select(after="code", before="prev").drop_nulls()
    known = named.join(rows.select(before="code"), on="before", how="semi")
    known = known.filter(pl.col("before") != pl.col("after"))
    return known.select("before", "after", by=pl.lit(BY_CODE))


def _linked(before: pl.DataFrame, after: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    one = before.select(*on, before="code")
    two = after.select(*on, after="code")
    return one.join(two, on=on).filter(pl.col("before") != pl.col("after"))
