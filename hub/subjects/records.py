"""Subjects as records of the dataset `market_subject`."""

from __future__ import annotations

import polars as pl

from hub.subjects.nodes import is_coded

DATASET = "market_subject"
_LISTS = ("names", "reg_nos", "org_codes")
_COUNTS = ("records", "hows")


def rows_of(nodes: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Records of market_subject of whole subjects: of `NODES` all that belong to them, and `JOINED` of those
    that aren't a subject of their own."""
    told = nodes.join(joined, on="node", how="left", maintain_order="left").with_columns(
        pl.coalesce("subject", "node").alias("subject")
    )
    several = told.filter(pl.len().over("subject") > 1)
    alone = told.join(several.select("node"), on="node", how="anti")
    alone = alone.with_columns(nodes=pl.concat_list("node"))
    return _as_records(pl.concat([alone, _merged(several).select(alone.columns)]))


def _merged(several: pl.DataFrame) -> pl.DataFrame:
    """One row for each subject of several nodes: its own node's word first, then the others' by name."""
    chief = pl.col("node") == pl.col("subject")
    ordered = several.with_columns(chief.alias("_chief")).sort(
        "subject", "_chief", "node", descending=[False, True, False]
    )
    first = [pl.col(n).drop_nulls().first() for n in ("name", "kind", "rep", "division", "address", "state")]  # fmt: skip
    found = ordered.group_by("subject", maintain_order=True).agg(
        *first,
        last=pl.col("last").max(),
        count=pl.lit(None, pl.Int64),
        nodes=pl.col("node"),
        node=pl.col("subject").first(),
    )
    for name in _LISTS:
        values = ordered.select("subject", name).explode(name).drop_nulls().unique()
        found = _with(found, values.sort("subject", name), name)
    for name in _COUNTS:
        parts = ordered.select("subject", name).explode(name).drop_nulls()
        split = parts.select(
            "subject",
            what=pl.col(name).str.extract(r"^(.*)=\d+$"),
            count=pl.col(name).str.extract(r"=(\d+)$").cast(pl.Int64),
        )
        sums = split.group_by("subject", "what").agg(pl.col("count").sum())
        told = sums.select("subject", pl.format("{}={}", "what", "count").alias(name))
        found = _with(found, told.sort("subject", name), name)
        if name == "records":
            totals = sums.group_by("subject").agg(pl.col("count").sum())
            found = found.drop("count").join(totals, on="subject", how="left")
    return found


def _with(found: pl.DataFrame, values: pl.DataFrame, name: str) -> pl.DataFrame:
    lists = values.group_by("subject", maintain_order=True).agg(name)
    return found.join(lists, on="subject", how="left", maintain_order="left")


def _as_records(told: pl.DataFrame) -> pl.DataFrame:
    several = (pl.col("names").list.len() > 1).fill_null(False) | (pl.col("nodes").list.len() > 1)
    # set operations on lists cost most, and few need them
    none = pl.lit(None, pl.List(pl.String))
    plain = told.filter(~several).with_columns(others=none, formerly=none)
    more = told.filter(several).with_columns(
        others=pl.col("nodes").list.set_difference(pl.concat_list("subject")).list.sort(),
        formerly=pl.col("names").list.set_difference(pl.concat_list("name")).list.sort(),
    )
    told, subject = pl.concat([plain, more]), pl.col("subject")
    return told.select(
        subject_id=subject,
        subject_name=pl.col("name").fill_null(subject).str.slice(0, 200),
        former_names=_filled(pl.col("formerly")),
        subject_type=pl.col("kind"),
        uscc=pl.when(is_coded(subject)).then(subject),
        reg_nos=_filled(pl.col("reg_nos")),
        org_codes=_filled(pl.col("org_codes")),
        legal_rep_name=pl.col("rep").str.slice(0, 50),
        division_code=pl.col("division"),
        address=pl.col("address").str.slice(0, 300),
        reg_state=pl.col("state"),
        joined_ids=_filled(pl.col("others")),
        last_record_on=pl.col("last"),
        records=_filled(pl.col("records")),
        record_count=pl.col("count"),
        linked_by=_filled(pl.col("hows")),
    )


def _filled(values: pl.Expr) -> pl.Expr:
    """A list that says something; nothing in place of an empty one."""
    return pl.when(values.list.len() > 0).then(values)
