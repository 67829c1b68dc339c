"""Nodes: what mentions say is one subject without a doubt, by its codes; and the facts of each node.

91440902MA…      a unified social credit code (GB 32100-2015); registration numbers and organisation
                 codes (GB 11714-1997, characters 9 to 17 of the code) lead to it where just one has it
ORG-…, REG-…     such a number that no credit code is known for
NAM-…            a name only: records of one name in one division are one node
PER-…            a natural person without a code: each record is one of its own
"""

from __future__ import annotations

import polars as pl

from hub.subjects import names
from hub.subjects.parties import REGISTER, REGISTERS

NATURAL = "natural"
CODED, ORG, REG, NAM, PER = "", "ORG-", "REG-", "NAM-", "PER-"
RANKS = (ORG, REG, NAM, PER)  # after credit codes
#: Facts of a node; `names` are all that it is or was called, `count` its mentions.
NODE_FACTS = ("node", "name", "names", "kind", "rep", "division", "address", "state")
_FIRST = ("name", "kind", "rep", "division", "address", "state")


def codes_of(mentions: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(reg_no, to) and (org_code, to): which number leads to which credit code, where it is just one.

    A registration number leads there by the register's own records that have both.
    """
    registered = mentions.filter(pl.col("dataset") == REGISTER)
    by_number = registered.select("reg_no", to="uscc").drop_nulls().unique()
    by_code = (
        mentions.select(org_code=pl.col("uscc").str.slice(8, 9), to="uscc").drop_nulls().unique()
    )
    return _single(by_number, "reg_no"), _single(by_code, "org_code")


def _single(pairs: pl.DataFrame, number: str) -> pl.DataFrame:
    return pairs.filter(pl.len().over(number) == 1)


def with_nodes(
    mentions: pl.DataFrame, codes: tuple[pl.DataFrame, pl.DataFrame] | None = None
) -> pl.DataFrame:
    """`mentions` with `node` and `how` (code, org_code, reg_no, name, person): what it was found by."""
    by_number, by_code = codes or codes_of(mentions)
    known = mentions.with_row_index("_row")
    known = known.join(by_number.rename({"to": "_reg"}), on="reg_no", how="left")
    known = known.join(by_code.rename({"to": "_org"}), on="org_code", how="left")
    told = [
        (pl.col("uscc"), "code"),
        (pl.col("_org"), "org_code"),
        (pl.col("_reg"), "reg_no"),
        (pl.lit(ORG) + pl.col("org_code"), "org_code"),
        (pl.lit(REG) + pl.col("reg_no"), "reg_no"),
    ]
    numbered = _told(known, told)
    nameless = numbered["node"].is_null()
    others = [
        (pl.when(pl.col("kind") == NATURAL).then(PER + _hash(_own())), "person"),
        (pl.lit(NAM) + _hash(_named()), "name"),
    ]
    # hashes and names cost most, so only where there is no number
    found = pl.concat([numbered.filter(~nameless), _told(numbered.filter(nameless), others)])
    return found.sort("_row").drop("_row", "_reg", "_org")


def _told(rows: pl.DataFrame, told: list[tuple[pl.Expr, str]]) -> pl.DataFrame:
    """`rows` with the first node that there is, and how it was found."""
    how = pl.coalesce(*(pl.when(node.is_not_null()).then(pl.lit(word)) for node, word in told))
    return rows.with_columns(
        pl.coalesce(*(node for node, _ in told)).alias("node"), how.alias("how")
    )


def _own() -> pl.Expr:
    return pl.concat_str("dataset", "key", "part", separator="\u001f")


def _named() -> pl.Expr:
    """Name and division; a record of its own where these say too little."""
    written = names.plain(pl.col("name"))
    enough = ~names.is_like_a_person(pl.col("name")) & pl.col("division").is_not_null()
    both = pl.concat_str(written, pl.col("division").str.slice(0, 6), separator="\u001f")
    return pl.when(enough).then(both).otherwise(_own())


def _hash(text: pl.Expr) -> pl.Expr:
    hashed: pl.Expr = text.chash.sha2_256()  # type: ignore[attr-defined]  # polars_hash adds .chash
    return hashed.str.slice(0, 16)


def facts_of(mentions: pl.DataFrame) -> pl.DataFrame:
    """`NODE_FACTS` of each node that `mentions` (with nodes) name: the register's word before others', the
    newest before older ones."""
    rank = pl.when(pl.col("dataset").is_in(REGISTERS)).then(0).otherwise(1)
    ordered = mentions.with_columns(rank.alias("_rank")).sort(
        "node", "_rank", "date", "dataset", "key", "part", descending=[False, False, True, False, False, False],
        nulls_last=True,
    )  # fmt: skip
    groups = ordered.group_by("node", maintain_order=True)
    first = groups.agg(pl.col(name).drop_nulls().first() for name in _FIRST)
    return first.join(_names_of(ordered), on="node", how="left", maintain_order="left").select(
        list(NODE_FACTS)
    )


def _names_of(mentions: pl.DataFrame) -> pl.DataFrame:
    """node, names: every way in which it is or was called, in the order of the alphabet."""
    own = mentions.select("node", "name").drop_nulls().unique()
    former = mentions.select("node", name="former").filter(pl.col("name").list.len() > 0)
    known = pl.concat([own, former.explode("name").drop_nulls()]).unique().sort("node", "name")
    return known.group_by("node", maintain_order=True).agg(names="name")


def is_coded(node: pl.Expr) -> pl.Expr:
    """Whether a node is a credit code."""
    return ~node.str.slice(3, 1).eq("-")


def is_lonely(node: pl.Expr) -> pl.Expr:
    """Whether a node has no credit code and may be matched by its name; a natural person's may not."""
    return ~is_coded(node) & ~node.str.starts_with(PER)


def variants(facts: pl.DataFrame) -> pl.DataFrame:
    """`FACTS` of `hub.subjects.matching`: a row for each name of a node."""
    return facts.select(
        "node", name="names", rep="rep", division="division", address="address"
    ).explode("name")
