"""Contradictions in the trace ledger: rows that can't all be true."""

from __future__ import annotations

import polars as pl

from exchange_schemas.days import HERE
from exchange_schemas.lots import name_key
from hub.trace.movements import IN, OUT
from hub.trace.sides import STOCK, TRADE, Sides, shown, told

_BOTH = pl.concat_list("named_code", "code")


def certificate_expired(sides: Sides) -> pl.DataFrame:
    """The goods were bought on a certificate that was over by then."""
    papers = sides.papers.select(code="trace_batch_no", valid_to="valid_to").drop_nulls()
    last = papers.group_by("code").agg(pl.col("valid_to").max())
    rows = sides.bought.join(last, on="code").filter(pl.col("valid_to") < pl.col("day"))
    return told(rows, pl.col("valid_to"), pl.col("day"))


def sold_before_received(sides: Sides) -> pl.DataFrame:
    """An operator sold goods of a lot before it had bought any."""
    first = (
        sides.bought.filter(pl.col("lot").is_not_null())
        .sort("at", "code")
        .group_by(list(STOCK))
        .agg(first_at=pl.col("at").first(), first_code=pl.col("code").first())
    )
    mine = (pl.col("named_direction") == IN) & (pl.col("named_party") == pl.col("party"))
    named = mine.fill_null(value=False)
    rows = sides.sold.filter(~pl.col("by_producer")).join(first, on=list(STOCK), how="left")
    rows = rows.with_columns(
        had_at=pl.when(named).then("named_at").otherwise("first_at"),
        had=pl.when(named).then("named_code").otherwise("first_code"),
    ).filter(pl.col("at") < pl.col("had_at"))
    return told(rows, _time("at"), _time("had_at"), pl.concat_list("code", "had"))


def received_before_sent(sides: Sides) -> pl.DataFrame:
    """A purchase was recorded for a time before the sale that it names."""
    sale = (pl.col("named_direction") == OUT) & (pl.col("named_party") == pl.col("other"))
    rows = sides.bought.filter(sale, pl.col("at") < pl.col("named_at"))
    return told(rows, _time("at"), _time("named_at"), _BOTH)


def sold_after_expiry(sides: Sides) -> pl.DataFrame:
    """Sold after its best-before date (食品安全法 第三十四条第十项)."""
    rows = sides.sold.filter(pl.col("day") > pl.col("expires_on"))
    return told(rows, pl.col("day"), pl.col("expires_on"))


def more_out_than_in(sides: Sides) -> pl.DataFrame:
    """An operator sold more of a lot than it bought, in the same measure."""
    out = pl.col("direction") == OUT
    sums = (
        sides.rows.filter(pl.col("lot").is_not_null())
        .sort("at", "code")
        .group_by([*STOCK, "measure"], maintain_order=True)
        .agg(
            code=pl.col("code").first(),
            codes=pl.col("code"),
            sold=pl.col("amount").filter(out).sum(),
            bought=pl.col("amount").filter(~out).sum(),
            times=(~out).sum(),
            own=pl.col("by_producer").any(),
        )
        .filter(~pl.col("own"), pl.col("times") > 0, pl.col("sold") > pl.col("bought"))
    )
    # Where some was bought in another measure, what was bought in this one doesn't say enough.
    mixed = (
        sides.bought.group_by(list(STOCK))
        .agg(pl.col("measure").n_unique())
        .filter(pl.col("measure") > 1)
    )
    sums = sums.join(mixed, on=list(STOCK), how="anti")
    unit = pl.col("measure")
    return told(sums, shown(pl.col("sold"), unit), shown(pl.col("bought"), unit), pl.col("codes"))


def units_differ(sides: Sides) -> pl.DataFrame:
    """Seller and buyer counted the same goods in measures that can't be compared."""
    return _pairs(sides).pipe(
        lambda both: told(
            both.filter(
                pl.col("measure").list.join("、") != pl.col("measure_sold").list.join("、")
            ),
            pl.col("measure").list.join("、"),
            pl.col("measure_sold").list.join("、"),
            pl.col("codes"),
        )
    )


def quantity_differs(sides: Sides) -> pl.DataFrame:
    """Seller and buyer recorded different quantities of the same goods."""
    both = _pairs(sides).filter(
        pl.col("measure").list.len() == 1,
        pl.col("measure") == pl.col("measure_sold"),
        pl.col("amount") != pl.col("amount_sold"),
    )
    unit = pl.col("measure").list.first()
    received, sent = (shown(pl.col(name), unit) for name in ("amount", "amount_sold"))
    return told(both, received, sent, pl.col("codes"))


def product_differs(sides: Sides) -> pl.DataFrame:
    """Goods changed their name on the way from one to another, or in the same batch.

    What an operator sells under another batch may be made of what it bought.
    """
    renamed = name_key(pl.col("named_product")) != name_key(pl.col("product_name"))
    moved = (pl.col("named_direction") == OUT) & (pl.col("direction") == IN)
    same = pl.col("named_batch") == pl.col("batch_key")
    rows = sides.rows.filter(renamed, (moved | same).fill_null(value=False))
    return told(rows, pl.col("product_name"), pl.col("named_product"), _BOTH)


def _pairs(sides: Sides) -> pl.DataFrame:
    """What was recorded on both sides of each trade: amounts, measures, and the rows of both."""
    sums = [
        rows.filter(pl.col("lot").is_not_null())
        .sort("at", "code")
        .group_by(list(TRADE), maintain_order=True)
        .agg(
            pl.col("amount").sum(),
            pl.col("measure").unique().sort(),
            code=pl.col("code").first(),
            codes=pl.col("code"),
        )
        for rows in (sides.bought, sides.sold)
    ]
    both = sums[0].join(sums[1], on=list(TRADE), suffix="_sold")
    return both.with_columns(codes=pl.concat_list("codes_sold", "codes"))


def _time(name: str) -> pl.Expr:
    here = pl.col(name).dt.convert_time_zone(HERE.key)
    return here.dt.strftime("%Y-%m-%d %H:%M")
