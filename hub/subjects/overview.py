"""How many subjects there are, and of which kind."""

from __future__ import annotations

import polars as pl

from hub.site import Site
from hub.subjects import index


def kinds(site: Site) -> list[tuple[str | None, int]]:
    """(code of subject_types or None, subjects of it), the most first."""
    known = index.read(site)
    if not known.built:
        return []
    joined = known.scan("joined").filter(pl.col("node") != pl.col("subject"))
    nodes = known.scan("nodes").select("node", "kind")
    own = nodes.join(joined, on="node", how="anti")
    # a subject whose own node is gone is there while others lead to it
    led = joined.join(nodes.select(subject="node"), on="subject", how="anti").join(
        nodes, on="node"
    )
    led = led.sort("subject", "node").group_by("subject").agg(pl.col("kind").drop_nulls().first())
    every = pl.concat([own.select("kind"), led.select("kind")])
    counts = every.group_by("kind").agg(pl.len()).sort("len", "kind", descending=[True, False])
    return list(counts.collect().iter_rows())
