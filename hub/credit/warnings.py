"""Warnings: events that begin when a rule of the indicators holds for a subject, and end when it no longer does."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.credit_rules import CreditRules, WarningRule
from exchange_schemas.standard import Dtype
from hub.analysis.inputs import Inputs, Result
from hub.credit.contributions import line_of
from hub.credit.register import ABOUT
from hub.credit.scoring import columns_of

DATASET = "credit_warning"
_HELD: Mapping[str, Dtype] = {
    "subject": pl.String,
    "number": pl.Int16,
    "records": pl.List(pl.String),
}
_RECORDS = 200  # of one event at most; credit_class has all of them


def warned(
    inputs: Inputs,
    rules: CreditRules,
    now: pl.DataFrame,
    classes: pl.DataFrame,
    affected: pl.DataFrame | None,
) -> Result:
    """The events of the subjects that were computed: those that hold, and those that end today.

    `now` are the facts that count (`scoring.active`), `classes` the results. An event that goes on keeps its
    first day, and says what holds it up now. Events are never taken back.
    """
    held = pl.concat(
        [pl.DataFrame(schema=dict(_HELD))]
        + [_holding(rules, n, rule, now, classes) for n, rule in enumerate(rules.warnings)]
    )
    rows = _described(rules, held, classes)
    before = _before(inputs, affected)
    today = pl.lit(str(inputs.day))
    begun = rows.join(
        before.select("subject", "rule", "began_on"), on=["subject", "rule"], how="left"
    ).with_columns(
        pl.coalesce("began_on", today).alias("began_on"), pl.lit(None, pl.String).alias("ended_on")
    )
    running = before.filter(pl.col("ended_on").is_null())
    over = running.join(rows, on=["subject", "rule"], how="anti").with_columns(
        today.alias("ended_on")
    )
    names = [name for name in inputs.catalogue.get(DATASET).dtypes if name in begun.columns]
    every = pl.concat([begun.select(names), over.select(names)]).sort("subject", "rule")
    return Result(DATASET, every, pl.Series("_key", [], pl.String))


def _before(inputs: Inputs, affected: pl.DataFrame | None) -> pl.DataFrame:
    """The events that go on; those that began today also where they ended today, because a rule that holds
    again on the same day is the same event."""
    rows = inputs.scan(DATASET).filter(
        pl.col("ended_on").is_null() | (pl.col("began_on") == str(inputs.day))
    )
    if affected is not None:
        rows = rows.join(affected.lazy(), on="subject", how="semi")
    found = rows.collect().sort(pl.col("ended_on").is_null(), descending=True)
    return found.unique(["subject", "rule"], keep="first", maintain_order=True)


def _holding(
    rules: CreditRules, number: int, rule: WarningRule, now: pl.DataFrame, classes: pl.DataFrame
) -> pl.DataFrame:
    """`_HELD` of a rule: the subjects that it holds for, and the records by which it does."""
    when = rule.when
    if "indicators" in when:
        places = [n for n, one in enumerate(rules.indicators) if one.id in when["indicators"]]
        least = when.get("at_least", 1)
        mine = now.filter(pl.col("place").is_in(places)).select(
            "subject", line_of(rules).alias("records")
        )
        found = mine.group_by("subject").agg(pl.col("records").sort())
        found = found.filter(pl.col("records").list.len() >= least)
    elif "class" in when:
        found = classes.filter(pl.col("credit_class").is_in(when["class"])).select(
            "subject", pl.col("contributions").alias("records")
        )
    else:
        found = _low(rules, when["dimension"], when["below"], now, classes)
    return found.select(
        "subject",
        pl.lit(number, pl.Int16).alias("number"),
        pl.col("records").list.head(_RECORDS),
    )


def _low(
    rules: CreditRules, dimension: str, below: int, now: pl.DataFrame, classes: pl.DataFrame
) -> pl.DataFrame:
    """Subjects with less points in a dimension, and the records of that dimension."""
    places = [n for n, one in enumerate(rules.indicators) if one.dimension == dimension]
    low = classes.filter(pl.col(columns_of(dimension)) < below).select("subject")
    mine = now.filter(pl.col("place").is_in(places)).join(low, on="subject", how="semi")
    lines = mine.select("subject", line_of(rules).alias("records"))
    return lines.group_by("subject").agg(pl.col("records").sort())


def _described(rules: CreditRules, held: pl.DataFrame, classes: pl.DataFrame) -> pl.DataFrame:
    """With what the rule says, and who the subject is."""
    table = pl.DataFrame(
        [(n, r.id, r.level, r.title.zh, r.measures, r.basis) for n, r in enumerate(rules.warnings)],
        schema={"number": pl.Int16, **dict.fromkeys(("rule", "level", "title", "measures", "basis"), pl.String)},
        orient="row",
    )  # fmt: skip
    who = classes.select("subject", *ABOUT, "credit_class")
    found = held.join(table, on="number").join(who, on="subject", how="left")
    many = pl.col("records").list.len().fill_null(0).cast(pl.String)
    reason = pl.concat_str(
        "title", pl.lit("（"), many, pl.lit(" 条记录，分类 "), "credit_class", pl.lit("）")
    )
    return found.with_columns(reason.alias("reason"), pl.lit(rules.version).alias("version")).drop(
        "number", "title"
    )
