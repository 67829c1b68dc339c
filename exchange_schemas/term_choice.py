"""Which end counts where two laws give a record different ends."""

from __future__ import annotations

from datetime import date

import polars as pl

FOREVER = date(9999, 12, 31)  # stands for "without end", so that ends can be compared
BEST, OTHER = ("_best", "_best_rule"), ("_other", "_other_rule")
Named = tuple[str, str]  # the columns of an end and of its rule


def chosen_ends(ends: pl.DataFrame, count: int, choice: str, schema: pl.Schema) -> pl.DataFrame:
    """Columns `schema` (end, its rule, other end, its rule) from `_end0`, `_rule0`, `_end1` ….

    `choice`: shorter, longer, or the id of a rule, whose end counts where it holds, and the shorter
    one elsewhere. The other one is the next in that order. Nulls: no rule holds.
    """
    nothing = (pl.lit(None, pl.Date), pl.lit(None, pl.String))
    known = ends.with_columns(
        kind.alias(name)
        for pair in (BEST, OTHER)
        for kind, name in zip(nothing, pair, strict=True)
    )
    for number in range(count):
        known = _with(known, (f"_end{number}", f"_rule{number}"), choice)
    days = (pl.when(pl.col(end) < FOREVER).then(pl.col(end)) for end, _ in (BEST, OTHER))
    best, other = days
    columns = (best, pl.col(BEST[1]), other, pl.col(OTHER[1]))
    return known.select(c.alias(n) for c, n in zip(columns, schema, strict=True))


def _with(known: pl.DataFrame, new: Named, choice: str) -> pl.DataFrame:
    """`known` with one more end put where it belongs among the best and the other."""
    first, second = _goes_before(new, BEST, choice), _goes_before(new, OTHER, choice)
    columns = [
        *(pl.when(first).then(pl.col(n)).otherwise(pl.col(b)).alias(b)
          for n, b in zip(new, BEST, strict=True)),
        *(pl.when(first).then(pl.col(b)).when(second).then(pl.col(n)).otherwise(pl.col(o)).alias(o)
          for n, b, o in zip(new, BEST, OTHER, strict=True)),
    ]  # fmt: skip
    return known.with_columns(columns)


def _goes_before(one: Named, other: Named, choice: str) -> pl.Expr:
    """Whether the end of `one` counts more; one that isn't there never does."""
    (end, rule), (than, its) = one, other
    if choice == "longer":
        before = pl.col(end) > pl.col(than)
    elif choice == "shorter":
        before = pl.col(end) < pl.col(than)
    else:
        mine, theirs = (pl.col(name).str.starts_with(f"{choice}@") for name in (rule, its))
        before = (mine & ~theirs) | ((mine == theirs) & (pl.col(end) < pl.col(than)))
    return pl.col(rule).is_not_null() & (pl.col(its).is_null() | before.fill_null(value=False))
