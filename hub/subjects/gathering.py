"""Mentions gathered into nodes: each node's facts, numbers, and how many records of which dataset it has."""

from __future__ import annotations

import polars as pl

from hub.subjects.index import NODES
from hub.subjects.nodes import facts_of
from hub.subjects.parties import UNTOLD
from hub.subjects.records import rows_of


def nodes_of(mentions: pl.DataFrame) -> pl.DataFrame:
    """`NODES` of all that `mentions` (with node and how) name. They have to be all mentions of these nodes.
    What only records of `UNTOLD` name isn't there."""
    mentions = mentions.filter(~pl.col("dataset").is_in(sorted(UNTOLD)))
    newest = mentions.group_by("node").agg(last=pl.col("date").str.slice(0, 10).max())
    counts, hows = _counted(mentions, "dataset"), _counted(mentions, "how")
    totals = counts.group_by("node").agg(pl.col("count").sum())
    found = facts_of(mentions)
    for facts in (newest, totals):
        found = found.join(facts, on="node", how="left", maintain_order="left")
    for name, values in (
        ("reg_nos", mentions.select("node", value="reg_no")),
        ("org_codes", mentions.select("node", value="org_code")),
        ("records", counts.select("node", value=pl.format("{}={}", "dataset", "count"))),
        ("hows", hows.select("node", value=pl.format("{}={}", "how", "count"))),
    ):
        lists = values.drop_nulls().unique().sort("node", "value")
        lists = lists.group_by("node", maintain_order=True).agg(pl.col("value").alias(name))
        found = found.join(lists, on="node", how="left", maintain_order="left")
    return found.select(list(NODES))


def _counted(mentions: pl.DataFrame, by: str) -> pl.DataFrame:
    """node, `by`, count: records, each once."""
    return mentions.group_by("node", by).agg(
        pl.col("place").n_unique().cast(pl.Int64).alias("count")
    )


def records_of(mentions: pl.DataFrame) -> pl.DataFrame:
    """Records of market_subject as these `mentions` (with node and subject) alone tell them."""
    elsewhere = pl.col("node") != pl.col("subject")
    together = mentions.select("node", "subject").unique().filter(elsewhere)
    return rows_of(nodes_of(mentions), together)
