"""Scores as records of `credit_class`: with name and place, and the day on which they last changed."""

from __future__ import annotations

import polars as pl

from hub.analysis.inputs import Inputs, Result
from hub.credit.register import ABOUT, about
from hub.credit.scoring import LINES, SCORES

DATASET = "credit_class"
_SAME = ("subject", *ABOUT, "score", *SCORES, "credit_class", "version")


def classes(inputs: Inputs, found: pl.DataFrame, affected: pl.DataFrame | None) -> Result:
    """The records of the subjects in `found` (`scoring.scored`); `affected` are those that were computed
    anew, None for all.

    `computed_on` is kept where nothing else differs, so that a day passes without new revisions.
    """
    named = found.join(about(inputs, affected).collect(), on="subject", how="left")
    before = _before(inputs, affected)
    old = before.select("subject", _digest().alias("_old"), pl.col("computed_on").alias("_on"))
    joined = named.with_columns(_digest().alias("_new")).join(old, on="subject", how="left")
    kept = pl.when(pl.col("_new") == pl.col("_old")).then("_on")
    rows = joined.with_columns(kept.otherwise(pl.lit(str(inputs.day))).alias("computed_on"))
    rows = rows.drop("_new", "_old", "_on").sort("subject")
    if affected is None:
        return Result(DATASET, rows)
    gone = before.join(rows, on="subject", how="anti")["_key"]
    return Result(DATASET, rows, gone)


def _before(inputs: Inputs, affected: pl.DataFrame | None) -> pl.DataFrame:
    """What the dataset says now of these subjects."""
    rows = inputs.scan(DATASET)
    if affected is not None:
        rows = rows.join(affected.lazy(), on="subject", how="semi")
    return rows.collect()


def _digest() -> pl.Expr:
    """All that a result says but its day, as one text; a mark stands for what is empty."""
    lines = pl.col(LINES).list.join("\n").fill_null("\x00")
    told = [pl.col(name).cast(pl.String).fill_null("\x00") for name in _SAME]
    return pl.concat_str(*told, lines, separator="\x1f")
