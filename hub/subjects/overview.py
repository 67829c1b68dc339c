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
    others = known.scan("joined").filter(pl.col("node") != pl.col("subject")).select("node")
    own = known.scan("nodes").select("node", "kind").join(others, on="node", how="anti")
    counts = own.group_by("kind").agg(pl.len()).sort("len", "kind", descending=[True, False])
    return list(counts.collect().iter_rows())
