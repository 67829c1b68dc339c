"""How confidential a finding is: as the strictest of all values that it shows or was computed from."""

from __future__ import annotations

import polars as pl

LEVELS = ("公开", "内部", "敏感")  # of confidential_level, from open to closed


def rank(level: str = "confidential_level") -> pl.Expr:
    """The place of a level in LEVELS; what isn't one of them counts as the strictest."""
    return pl.col(level).replace_strict(
        {name: place for place, name in enumerate(LEVELS)},
        default=len(LEVELS) - 1,
        return_dtype=pl.Int64,
    )


def strictest(*ranks: pl.Expr) -> pl.Expr:
    """The level of the highest rank; null ranks, of values that there aren't, don't count."""
    return pl.max_horizontal(ranks).replace_strict(dict(enumerate(LEVELS)), return_dtype=pl.String)
