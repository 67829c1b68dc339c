"""From the facts of a day to scores and classes: columns only, the same for one subject and for a million.

The frame of `scored` has one row for each subject: `subject`, `score` (text with two decimals), the four
dimensions (`integrity_score` …, 0 to 100), `credit_class`, `version` and `contributions` (lines in order).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from exchange_schemas.credit_rules import CLASSES, DIMENSIONS, FULL, REGISTER, CreditRules
from hub.credit.contributions import line_of
from hub.credit.facts import FACTS, LEFT_OUT, REGISTERED, counting
from hub.credit.lifted import left

LINES = "contributions"


def columns_of(dimension: str) -> str:
    """The column of a dimension's points."""
    return f"{dimension}_score"


SCORES = tuple(columns_of(name) for name in DIMENSIONS)


def active(
    rules: CreditRules, facts: pl.LazyFrame, left_out: pl.DataFrame, day: date
) -> pl.LazyFrame:
    """The facts that count on a day, those about the register too; nothing of who is no more in the market.
    What the register itself says of a subject counts once: of several registrations the gravest, dimension by
    dimension."""
    now = left(rules, counting(facts, pl.lit(day)), left_out, day)
    places = facts.filter(pl.col("place").is_in([REGISTERED, LEFT_OUT]))
    gone = (
        places.group_by("subject").agg(pl.col("place").max()).filter(pl.col("place") == LEFT_OUT)
    )
    living = now.filter(pl.col("place") != LEFT_OUT).join(gone, on="subject", how="anti")
    return _once(rules, living)


def _once(rules: CreditRules, now: pl.LazyFrame) -> pl.LazyFrame:
    standing = [
        n
        for n, one in enumerate(rules.indicators)
        if one.dataset == REGISTER and one.counts is None
    ]
    stands = pl.col("place").is_in(standing)
    told = now.filter(stands).join(_indicators(rules).lazy(), on="place")
    weighed = told.group_by("subject", "dimension", "key").agg(
        pl.col("worst").max(), pl.col("points").cast(pl.Int64).sum()
    )
    chosen = weighed.sort("worst", "points", "key", descending=[True, True, False]).unique(
        ["subject", "dimension"], keep="first", maintain_order=True
    )
    counted = told.join(chosen, on=["subject", "dimension", "key"], how="semi").select(list(FACTS))
    return pl.concat([now.filter(~stands), counted])


def scored(rules: CreditRules, now: pl.LazyFrame) -> pl.LazyFrame:
    """The result of each subject, of facts as `active` gives them."""
    per_indicator = now.group_by("subject", "place").agg(
        pl.col("points").cast(pl.Int64).sum().alias("points")
    )
    capped = per_indicator.join(_indicators(rules).lazy(), on="place", how="left").with_columns(
        pl.min_horizontal("points", "at_most").alias("points")
    )
    sums = capped.group_by("subject").agg(
        *(
            pl.col("points").filter(pl.col("dimension") == name).sum().alias(columns_of(name))
            for name in DIMENSIONS
        ),
        pl.col("worst").max().fill_null(0).alias("_worst"),
    )
    lines = (
        now.filter(pl.col("place") >= 0)
        .select("subject", line_of(rules).alias(LINES))
        .group_by("subject")
        .agg(pl.col(LINES).sort())
    )
    return _classed(rules, sums).join(lines, on="subject", how="left")


def _indicators(rules: CreditRules) -> pl.DataFrame:
    """By place: dimension, the most points, and the rank of the class that it leaves at most (0: any)."""
    rows = [
        (n, one.dimension, one.at_most, CLASSES.index(one.class_at_most or CLASSES[0]))
        for n, one in enumerate(rules.indicators)
    ]
    rows.append((REGISTERED, "", 0, 0))
    schema = {"place": pl.Int16, "dimension": pl.String, "at_most": pl.Int64, "worst": pl.Int8}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _classed(rules: CreditRules, sums: pl.LazyFrame) -> pl.LazyFrame:
    weights = {one.id: one.weight for one in rules.dimensions}
    left_over = [(FULL - pl.min_horizontal(name, FULL)).alias(name) for name in SCORES]
    points = sums.with_columns(left_over)
    total = pl.sum_horizontal(pl.col(columns_of(name)) * weights[name] for name in DIMENSIONS)
    # The first class whose least total is reached; in hundredths, so that nothing is rounded.
    rank = pl.lit(len(CLASSES) - 1, pl.Int8)
    for number, grade in reversed(list(enumerate(rules.grades))):
        reached = pl.col("_total") >= grade.least * FULL
        rank = pl.when(reached).then(pl.lit(number, pl.Int8)).otherwise(rank)
    names = dict(enumerate(CLASSES))
    return points.with_columns(total.alias("_total")).select(
        "subject",
        _decimal(pl.col("_total")).alias("score"),
        *SCORES,
        pl.max_horizontal(rank, "_worst").replace_strict(names, return_dtype=pl.String)
        .alias("credit_class"),
        pl.lit(rules.version).alias("version"),
    )  # fmt: skip


def _decimal(hundredths: pl.Expr) -> pl.Expr:
    """10000 as "100.00"."""
    rest = (hundredths % FULL).cast(pl.String).str.zfill(2)
    return pl.concat_str((hundredths // FULL).cast(pl.String), pl.lit("."), rest)
