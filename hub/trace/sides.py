"""The two sides of every movement, as gaps and contradictions are looked for in them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange_schemas.days import HERE
from hub.trace.movements import IN, OUT

TRADE, STOCK = ("lot", "seller", "buyer"), ("lot", "party")
FOUND = {
    "code": pl.String, "trace_batch_nos": pl.List(pl.String), "found": pl.String, "expected": pl.String,
}  # fmt: skip
_SCALED = {"克": ("千克", 1000), "毫升": ("升", 1000)}


@dataclass(frozen=True, slots=True)
class Sides:
    """`bought` and `sold` are movements with `day` (here) and `named_*` of the stage before, where that is
    known: its direction, party, lot, product, unit and time."""

    rows: pl.DataFrame
    bought: pl.DataFrame
    sold: pl.DataFrame
    papers: pl.DataFrame

    @classmethod
    def of(cls, rows: pl.DataFrame, papers: pl.DataFrame) -> Sides:
        """The sides of movements; `papers` are their certificates."""
        before = rows.select(
            prev="code",
            named_code="code",
            named_direction="direction",
            named_party="party",
            named_product="product_name",
            named_batch="batch_key",
            named_at="at",
        ).unique("prev")
        day = pl.col("at").dt.convert_time_zone(HERE.key).dt.strftime("%Y-%m-%d")
        whole = rows.join(before, on="prev", how="left", maintain_order="left").with_columns(
            day=day
        )
        way = pl.col("direction")
        return cls(whole, whole.filter(way == IN), whole.filter(way == OUT), papers)


def told(
    rows: pl.DataFrame, found: pl.Expr, expected: pl.Expr, codes: pl.Expr | None = None
) -> pl.DataFrame:
    """Findings, of rows with `code`: which rows they name, what was found and what should be."""
    named = codes if codes is not None else pl.concat_list("code")
    return rows.select("code", trace_batch_nos=named, found=found, expected=expected).cast(FOUND)  # type: ignore[arg-type]


def shown(amount: pl.Expr, measure: pl.Expr) -> pl.Expr:
    """A quantity as a person writes it: 千克 and 升 for what is counted in 克 and 毫升."""
    names = {base: name for base, (name, _) in _SCALED.items()}
    parts = measure.replace_strict(
        {base: times for base, (_, times) in _SCALED.items()}, default=1, return_dtype=pl.Int64
    )
    number = (amount.cast(pl.Float64) / parts).round(6).cast(pl.String).str.replace(r"\.0$", "")
    return pl.concat_str(number, measure.replace(names), separator=" ")
