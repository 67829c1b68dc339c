"""What took a document's place, followed to the one that is in force today.

Documents name each other in words: by registration number, by document number (茂府规〔2022〕4号), or by
title in 《》. A name that no document has is dangling; a way that comes back to where it began is a circle. What
leads into a circle is still replaced by what it names, and followed no further.
"""

from __future__ import annotations

import polars as pl

from hub.documents.names import names, separated
from hub.documents.numbers import plain
from hub.documents.terms import AMENDED

MOST_STEPS = 100  # of one chain; a longer one is treated as a circle
_EDGES = pl.Schema({"old": pl.String, "new": pl.String, "on": pl.Date})


def references(documents: pl.DataFrame) -> pl.DataFrame:
    """`at` (registration_no), `side` (replaces or repealed_by), `text`, and `found`: whose name it is, or null."""
    told = pl.concat([
        documents.select(at="registration_no", side=pl.lit("replaces"), text="replaces")
        .explode("text")
        .drop_nulls("text"),
        documents.select(
            at="registration_no", side=pl.lit("repealed_by"), text="repealed_by"
        ).drop_nulls("text"),
    ])  # fmt: skip
    known = documents.select(
        found="registration_no",
        _number=plain(pl.col("registration_no")),
        _doc=plain(pl.col("doc_no")),
        _title=separated(pl.col("title")),
        issued_on="issued_on",
    ).sort("issued_on", "found", descending=True)
    told = names(told, known["_number"]).with_row_index("_row")
    found: list[pl.Expr] = []
    for column, theirs in (
        ("_number", "_number"), ("_doc", "_doc"), ("_bare", "_doc"), ("_title", "_title"),
    ):  # fmt: skip
        name = f"by{column}"
        one = known.select(pl.col(theirs).alias(column), pl.col("found").alias(name))
        meant = told.join(one.drop_nulls(column), on=column, maintain_order="left_right")
        # of several with one title the latest is meant, and never the document itself
        meant = meant.filter(pl.col(name) != pl.col("at")).unique(
            "_row", keep="first", maintain_order=True
        )
        told = told.join(meant.select("_row", name), on="_row", how="left", maintain_order="left")
        found.append(pl.col(name))
    # A document number beside a title says which one of that title is meant: if nobody has the number,
    # the title alone would name another document.
    by_title = pl.when(pl.col("_doc").is_null()).then(found[-1])
    return told.select("at", "side", "text", found=pl.coalesce(*found[:-1], by_title))


def edges(documents: pl.DataFrame, told: pl.DataFrame, among: pl.Series) -> pl.DataFrame:
    """`old` → `new`, each old document with one successor, the latest `among` those that count; `on`: the day
    from which the first of its successors did, since a later one doesn't bring it back. What amends a document
    doesn't take its place."""
    known = told.drop_nulls("found")
    forward = known.filter(pl.col("side") == "replaces").select(old="found", new="at")
    back = known.filter(pl.col("side") == "repealed_by").select(old="at", new="found")
    days = documents.select(new="registration_no", on="effective_on")
    amended = documents.filter(pl.col("status") == AMENDED).select(old="registration_no")
    amending = back.join(amended, on="old", how="semi")
    pairs = pl.concat([forward, back]).unique().join(amending, on=["old", "new"], how="anti")
    pairs = pairs.join(days, on="new", how="left")
    pairs = pairs.filter(pl.col("new").is_in(among.implode()))
    latest = pairs.sort("on", "new", descending=True, nulls_last=True).unique("old", keep="first")
    first = pairs.group_by("old").agg(pl.col("on").min())
    return latest.drop("on").join(first, on="old").select(list(_EDGES))


def chains(successors: pl.DataFrame) -> pl.DataFrame:
    """`start`, `chain` (registration numbers after `start`, in order), `circle`: whether it comes back to `start`.

    The chain of what leads into a circle ends with the first that is in it.
    """
    ways = _ways(successors)
    circles = ways.filter("circle")
    if circles.is_empty():
        return ways
    outside = successors.join(circles, left_on="old", right_on="start", how="anti")
    return pl.concat([circles, _ways(outside)])


def _ways(successors: pl.DataFrame) -> pl.DataFrame:
    """One join for every step that the longest chain has, over all documents at once."""
    steps = successors.select(at="old", next="new")
    going = successors.select(start="old", at="new", chain=pl.concat_list("new"))
    done: list[pl.DataFrame] = []
    for _ in range(MOST_STEPS):
        came = pl.col("chain").list.head(pl.col("chain").list.len() - 1)
        going = going.join(steps, on="at", how="left").with_columns(
            circle=pl.col("at") == pl.col("start"), again=came.list.contains(pl.col("at"))
        )
        over = pl.col("circle") | pl.col("again") | pl.col("next").is_null()
        done.append(going.filter(over).select("start", "chain", "circle"))
        going = going.filter(~over).select(
            "start", at="next", chain=pl.col("chain").list.concat(pl.concat_list("next"))
        )
        if going.is_empty():
            break
    endless = going.select("start", "chain", circle=pl.lit(value=True))
    return pl.concat([*done, endless])
