"""A contribution as one line of text, as results keep it: indicator, points, first and last day, dataset, key.

`penalty_fine|12|2026-03-01|2029-03-01|administrative_penalty|11440…|茂市监罚〔2026〕1号|91440…`: the last part is the
record's key, which may have "|" itself; an empty first day means as long as it is recorded,
an empty last day that none is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange_schemas.credit_rules import CreditRules
from hub.credit.facts import ALWAYS

MARK = "|"
_PARTS = 6


@dataclass(frozen=True, slots=True)
class Contribution:
    """One record that counts for a subject; days as 2026-01-31; `first_day` is None of what counts as
    long as it is recorded, `last_day` where no such day is known."""

    indicator: str
    points: int
    first_day: str | None
    last_day: str | None
    dataset: str
    key: str


def parse(line: str) -> Contribution:
    """A line as a contribution; raises ValueError."""
    indicator, points, first, last, dataset, key = line.split(MARK, _PARTS - 1)
    return Contribution(indicator, int(points), first or None, last or None, dataset, key)


def line_of(rules: CreditRules) -> pl.Expr:
    """The lines (String) of a frame of facts."""
    ids = {number: one.id for number, one in enumerate(rules.indicators)}
    first = pl.col("begins").dt.strftime("%Y-%m-%d")
    last = pl.col("ends").dt.offset_by("-1d").dt.strftime("%Y-%m-%d")
    return pl.concat_str(
        pl.col("place").replace_strict(ids, return_dtype=pl.String),
        pl.col("points").cast(pl.String),
        pl.when(pl.col("begins") > ALWAYS).then(first).otherwise(pl.lit("")),
        last.fill_null(""),
        "dataset",
        "key",
        separator=MARK,
    )
