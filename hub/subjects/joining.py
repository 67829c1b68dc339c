"""Which nodes are one subject: what was matched by itself, and what people decided.

A pure function of links and living decisions: taking a decision back gives exactly what would be without it.
People's word counts before a link. Of two decisions on one pair the later one counts; one that would bring
together what others keep apart doesn't count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from hub.subjects.index import JOINED
from hub.subjects.nodes import PER, RANKS
from hub.subjects.tables import SAME

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """Two nodes are one subject (`same`), or aren't; `one` < `other`."""

    number: int
    act: str
    one: str
    other: str

    @property
    def pair(self) -> Pair:
        """The nodes."""
        return self.one, self.other


def rank(node: str) -> tuple[int, str]:
    """Which node a subject is called by: a credit code first, then the smallest."""
    return next((place for place, start in enumerate(RANKS, 1) if node.startswith(start)), 0), node


def joined(links: pl.DataFrame, decisions: Iterable[Decision]) -> pl.DataFrame:
    """`JOINED` of links (lonely, coded, weight, automatic) and the decisions that live, in any order."""
    last = {one.pair: one for one in sorted(decisions, key=lambda one: one.number)}
    apart = {pair for pair, one in last.items() if one.act != SAME}
    together = [
        one.pair
        for one in sorted(last.values(), key=lambda one: one.number)
        if one.act == SAME and not any(node.startswith(PER) for node in one.pair)
    ]
    automatic = links.filter("automatic").select(node="lonely", subject="coded", weight="weight")
    named = {name for pair in last for name in pair}
    touched = automatic.filter(
        pl.col("node").is_in(sorted(named)) | pl.col("subject").is_in(sorted(named))
    )
    plain = automatic.join(touched, on="node", how="anti").select(list(JOINED))
    made = _decided(touched, together, apart)
    rows = pl.DataFrame(
        {"node": list(made), "subject": list(made.values())}, schema=JOINED, orient="row"
    )
    return pl.concat([plain, rows]).filter(pl.col("node") != pl.col("subject")).sort("node")


def _decided(touched: pl.DataFrame, together: list[Pair], apart: set[Pair]) -> dict[str, str]:
    """node → subject of the nodes that decisions name and what is linked to these; a few each."""
    groups: dict[str, set[str]] = {}
    for one, other in together:
        _unite(groups, one, other, apart)
    rows = (
        touched.sort("weight", "node", descending=[True, False]).select("node", "subject").rows()
    )
    for lonely, coded in rows:
        # Whose group has a code already, by what people said or by a surer link, isn't anybody else's.
        if not any(rank(node)[0] == 0 for node in groups.get(lonely, ())):
            _unite(groups, lonely, coded, apart)
    return {node: min(group, key=rank) for node, group in groups.items()}


def _unite(groups: dict[str, set[str]], one: str, other: str, apart: set[Pair]) -> None:
    left, right = groups.setdefault(one, {one}), groups.setdefault(other, {other})
    if left is right or keeps_apart(left, right, apart):
        return
    left |= right
    for node in right:
        groups[node] = left


def keeps_apart(left: Iterable[str], right: Iterable[str], apart: set[Pair]) -> bool:
    """Whether a decision says of a node here and one there that they differ."""
    here, there = set(left), set(right)
    return any((a in here and b in there) or (a in there and b in here) for a, b in apart)


def subject_of(found: Mapping[str, str], node: str) -> str:
    """The subject of a node."""
    return found.get(node, node)
