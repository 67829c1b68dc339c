"""Pairs that a person has to look at: a record without a code, and the subject that it may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Engine

from hub.site import Site
from hub.subjects import decisions, index
from hub.subjects.tables import SAME

PAGE = 20
_SIDE = ("node", "name", "names", "kind", "rep", "division", "address", "state", "records")


@dataclass(frozen=True, slots=True)
class Pair:
    """`one` (without a code) and `other` are facts of nodes; `reasons` are "comparison=level"."""

    score: float
    reasons: tuple[str, ...]
    one: dict[str, Any]
    other: dict[str, Any]

    @property
    def evidence(self) -> dict[str, Any]:
        """What is kept with a decision."""
        return {"score": round(self.score, 6), "reasons": list(self.reasons)}


def doubtful(
    site: Site, engine: Engine, skip: int = 0, most: int = PAGE
) -> tuple[list[Pair], int]:
    """(pairs that nobody has decided on, the most probable first; how many there are in all)."""
    known = index.read(site)
    with engine.connect() as connection:
        told = decisions.living(connection)
    settled = [one for pair in told for one in pair.pair if pair.act == SAME]
    decided = pl.DataFrame(
        [one.pair for one in told], schema={"_one": pl.String, "_other": pl.String}, orient="row"
    )
    links = known.frame("links")
    # who was linked by itself, or whom people put somewhere, isn't in doubt
    sure = links.filter("automatic")["lonely"]
    open_ = links.filter(~pl.col("lonely").is_in([*sure, *settled]))
    open_ = open_.with_columns(
        _one=pl.min_horizontal("lonely", "coded"), _other=pl.max_horizontal("lonely", "coded")
    )
    open_ = open_.join(decided, on=["_one", "_other"], how="anti")
    ranked = open_.sort("score", "lonely", "coded", descending=[True, False, False])
    return _with_sides(known, ranked.slice(skip, most)), ranked.height


def pair_of(site: Site, one: str, other: str) -> Pair | None:
    """What the index has of two nodes; None where it doesn't link them."""
    known = index.read(site)
    nodes = [one, other]
    links = known.frame("links", pl.col("lonely").is_in(nodes) & pl.col("coded").is_in(nodes))
    found = _with_sides(known, links)
    return found[0] if found else None


def _with_sides(known: index.Index, links: pl.DataFrame) -> list[Pair]:
    nodes = pl.concat([links["lonely"], links["coded"]]).unique()
    rows = known.frame("nodes", pl.col("node").is_in(nodes.implode())).select(_SIDE).to_dicts()
    facts = {row["node"]: {n: v for n, v in row.items() if v not in (None, [])} for row in rows}
    return [
        Pair(row["score"], tuple(row["reasons"]), facts[row["lonely"]], facts[row["coded"]])
        for row in links.to_dicts()
    ]
