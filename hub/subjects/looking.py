"""Looking up subjects in the index: by a code or a number, and by what they are or were called."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.site import Site
from hub.subjects import index
from hub.subjects.gathering import records_of
from hub.subjects.index import Index
from hub.subjects.names import is_like_a_person, plain
from hub.subjects.nodes import NAM, ORG, PER, RANKS, REG
from hub.subjects.seeing import Viewer, seen
from hub.subjects.tables import SAME

MOST = 50  # subjects that a search shows
SHOWN = ("subject", "name", "names", "kind", "division", "state", "records", "rep")
_CODE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
_NUMBER = re.compile(r"[0-9A-Z]{9}|[0-9]{13,15}")
_LEAST = 2  # characters of a name that is looked for


def found(
    site: Site, connection: Connection, text: str, viewer: Viewer | None = None, most: int = MOST
) -> list[dict[str, Any]]:
    """`SHOWN` of the subjects that `text` names: a credit code, an organisation code, a registration number,
    an id, or a part of a name, a former name or another way of writing it. At most `most`, names that begin
    so first; none for a text of one character. A `viewer` (None: the operator) is told of nobody of whom it
    sees no record, and of no natural person."""
    known = index.read(site)
    text = "".join(text.split())
    if len(text) < _LEAST or not known.built:
        return []
    code, begin = text.upper(), ""
    if _CODE.fullmatch(code) or text.startswith(RANKS):
        nodes = [code if _CODE.fullmatch(code) else text]
    elif _NUMBER.fullmatch(code):
        nodes = _numbered(known, code)
    else:
        nodes, begin = _named(known, text), text
    ranked = _ranked(known, nodes, begin)
    if viewer is not None:
        ranked = [one for one in ranked if not one.startswith(PER)]
    return _told(known, connection, viewer, ranked, most)


def _numbered(known: Index, number: str) -> list[str]:
    mine = pl.col("uscc").str.slice(8, 9).eq(number) | pl.col("org_code").eq(number) | pl.col("reg_no").eq(number)  # fmt: skip
    nodes = known.scan("mentions", mine.fill_null(False)).select("node").unique().collect()
    return [*nodes["node"], ORG + number, REG + number]


def _named(known: Index, text: str) -> list[str]:
    written = pl.select(plain(pl.lit(text))).item() or text
    parts = [
        known.scan("compared", pl.col("norm").str.contains(written, literal=True)),
        known.scan("nodes", pl.col("name").str.contains(text, literal=True)),
    ]
    nodes = pl.concat([one.select("node") for one in parts]).unique().sort("node").head(MOST * 20)
    return list(nodes.collect()["node"])


def _ranked(known: Index, nodes: list[str], text: str) -> list[str]:
    """The subjects of `nodes`: those whose name begins with `text` first, then by name."""
    moved = dict(known.frame("joined", pl.col("node").is_in(nodes)).iter_rows())
    subjects = sorted({moved.get(node, node) for node in nodes})
    others = known.frame("joined", pl.col("subject").is_in(subjects))
    named = known.frame("nodes", pl.col("node").is_in([*subjects, *others["node"]]))
    chief = pl.col("node") == pl.col("subject")
    told = named.select("node", "name").join(others, on="node", how="left")
    told = told.with_columns(pl.coalesce("subject", "node").alias("subject"))
    # its own node may be gone while others lead to it
    told = told.sort(chief, "node", descending=[True, False]).unique(
        "subject", keep="first", maintain_order=True
    )
    begins = pl.col("name").str.starts_with(text).fill_null(False)
    ranked = told.sort(begins, "name", "subject", descending=[True, False, False], nulls_last=True)
    return ranked["subject"].to_list()


def _told(
    known: Index, connection: Connection, viewer: Viewer | None, ranked: list[str], most: int
) -> list[dict[str, Any]]:
    """`SHOWN` of the first of these of whom somebody sees a record, as those records tell them."""
    rows: list[dict[str, Any]] = []
    for at in range(0, len(ranked), most):
        some = ranked[at : at + most]
        theirs = known.frame("mentions", pl.col("subject").is_in(some))
        told = {one["subject_id"]: one for one in records_of(seen(connection, viewer, theirs)).to_dicts()}  # fmt: skip
        rows += [_shown(told[one]) for one in some if one in told]
        if len(rows) >= most:
            break
    return rows[:most]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    name = row["subject_name"]
    values = (
        row["subject_id"], name, [name, *(row["former_names"] or ())], row["subject_type"],
        row["division_code"], row["reg_state"], row["records"], row["legal_rep_name"],
    )  # fmt: skip
    return dict(zip(SHOWN, values, strict=True))


def the_one(site: Site, connection: Connection, text: str) -> str:
    """The id of the subject that a code, number, id or whole name means.

    Raises Refused (subject_unknown) where there is none, or several and none of just that name.
    """
    told = found(site, connection, text)
    exact = [one for one in told if text in (one["subject"], *(one["names"] or ()))]
    chosen = exact if len(exact) == 1 else told
    if len(chosen) != 1:
        raise Refused(Issue("subject_unknown", value=text))
    return str(chosen[0]["subject"])


def subject_of(site: Site, node: str) -> str:
    """The subject that a node belongs to; itself where it is one, or unknown."""
    moved = index.read(site).frame("joined", pl.col("node") == node)
    return str(moved["subject"][0]) if moved.height else node


def check_pair(site: Site, act: str, one: str, other: str) -> None:
    """That two nodes may be decided on. Raises Refused: subject_unknown for one that the index doesn't have,
    subject_person where one that is to be the same has nothing but a name that may be a person's."""
    rows = index.read(site).frame("nodes", pl.col("node").is_in([one, other]))
    for node in (one, other):
        if node not in rows["node"]:
            raise Refused(Issue("subject_unknown", value=node))
    named = rows.filter(pl.col("node").str.starts_with(NAM))
    if act == SAME and named.filter(is_like_a_person(pl.col("name"))).height:
        raise Refused(Issue("subject_person", value=f"{one} – {other}"))
