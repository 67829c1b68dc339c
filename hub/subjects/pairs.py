"""Pairs that a person has to look at: a record without a code, and the subject that it may be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Engine

from hub.site import Site
from hub.subjects import decisions, index
from hub.subjects.joining import joined
from hub.subjects.nodes import is_coded

PAGE = 20
_COUNT = r"^(.*)=\d+$"  # of a dataset's records, as nodes have it
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
    site: Site,
    engine: Engine,
    skip: int = 0,
    most: int = PAGE,
    closed: Collection[str] = (),
) -> tuple[list[Pair], int]:
    """(pairs that nobody has decided on, the most probable first; how many there are in all); without those
    that only records of `closed` datasets name, and without the numbers of these records."""
    known = index.read(site)
    with engine.connect() as connection:
        told = decisions.living(connection)
    links = known.frame("links")
    decided = pl.DataFrame(
        [one.pair for one in told], schema={"_one": pl.String, "_other": pl.String}, orient="row"
    ).unique()
    # who has a subject with a code, by itself or by what people said last, isn't in doubt
    sure = joined(links, told).filter(is_coded(pl.col("subject")))
    open_ = links.join(sure, left_on="lonely", right_on="node", how="anti")
    open_ = open_.with_columns(
        _one=pl.min_horizontal("lonely", "coded"), _other=pl.max_horizontal("lonely", "coded")
    )
    open_ = open_.join(decided, on=["_one", "_other"], how="anti")
    if closed:
        open_ = open_.join(_hidden(known, open_, closed), left_on="lonely", right_on="node", how="anti")  # fmt: skip
    ranked = open_.sort("score", "lonely", "coded", descending=[True, False, False])
    return _with_sides(known, ranked.slice(skip, most), closed), ranked.height


def _hidden(known: index.Index, links: pl.DataFrame, closed: Collection[str]) -> pl.DataFrame:
    """The lonely nodes (`node`) that no other records than those of `closed` datasets name."""
    mine = pl.col("node").is_in(links["lonely"].unique().implode())
    parts = known.frame("nodes", mine).select("node", "records").explode("records")
    names = pl.col("records").str.extract(_COUNT, 1)
    open_ = parts.filter(~names.is_in(list(closed)))
    return parts.select("node").unique().join(open_, on="node", how="anti")


def pair_of(site: Site, one: str, other: str) -> Pair | None:
    """What the index has of two nodes; None where it doesn't link them."""
    known = index.read(site)
    nodes = [one, other]
    links = known.frame("links", pl.col("lonely").is_in(nodes) & pl.col("coded").is_in(nodes))
    found = _with_sides(known, links)
    return found[0] if found else None


def _with_sides(
    known: index.Index, links: pl.DataFrame, closed: Collection[str] = ()
) -> list[Pair]:
    nodes = pl.concat([links["lonely"], links["coded"]]).unique()
    names = pl.element().str.extract(_COUNT, 1)
    frame = known.frame("nodes", pl.col("node").is_in(nodes.implode())).select(_SIDE)
    open_ = pl.col("records").list.eval(pl.element().filter(~names.is_in(list(closed))))
    rows = frame.with_columns(open_.alias("records")).to_dicts()
    facts = {row["node"]: {n: v for n, v in row.items() if v not in (None, [])} for row in rows}
    return [
        Pair(row["score"], tuple(row["reasons"]), facts[row["lonely"]], facts[row["coded"]])
        for row in links.to_dicts()
    ]
