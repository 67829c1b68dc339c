"""Looking up subjects in the index: by a code or a number, and by what they are or were called."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.site import Site
from hub.subjects import index
from hub.subjects.index import Index
from hub.subjects.names import plain
from hub.subjects.nodes import ORG, RANKS, REG

MOST = 50  # subjects that a search shows
SHOWN = ("subject", "name", "names", "kind", "division", "state", "records", "rep")
_CODE = re.compile(r"[0-9A-HJ-NP-RTUW-Y]{18}")
_NUMBER = re.compile(r"[0-9A-Z]{9}|[0-9]{13,15}")
_LEAST = 2  # characters of a name that is looked for


def found(site: Site, text: str, most: int = MOST) -> list[dict[str, Any]]:
    """`SHOWN` of the subjects that `text` names: a credit code, an organisation code, a registration number,
    an id, or a part of a name, a former name or another way of writing it. At most `most`, names that begin
    so first; none for a text of one character."""
    known = index.read(site)
    text = "".join(text.split())
    if len(text) < _LEAST or not known.built:
        return []
    code = text.upper()
    if _CODE.fullmatch(code) or text.startswith(RANKS):
        return _subjects(known, [code if _CODE.fullmatch(code) else text], "", most)
    if _NUMBER.fullmatch(code):
        return _subjects(known, _numbered(known, code), "", most)
    return _subjects(known, _named(known, text), text, most)


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


def _subjects(known: Index, nodes: list[str], text: str, most: int) -> list[dict[str, Any]]:
    together = known.scan("joined", pl.col("node").is_in(nodes)).collect()
    moved = dict(together.iter_rows())
    subjects = sorted({moved.get(node, node) for node in nodes})
    rows = known.frame("nodes", pl.col("node").is_in(subjects)).rename({"node": "subject"})
    begins = pl.col("name").str.starts_with(text).fill_null(False)
    ranked = rows.with_columns(begins.alias("_begins")).sort(
        "_begins", "name", "subject", descending=[True, False, False], nulls_last=True
    )
    return ranked.head(most).select(SHOWN).to_dicts()


def the_one(site: Site, text: str) -> str:
    """The id of the subject that a code, number, id or whole name means.

    Raises Refused (subject_unknown) where there is none, or several and none of just that name.
    """
    told = found(site, text)
    exact = [one for one in told if text in (one["subject"], *(one["names"] or ()))]
    chosen = exact if len(exact) == 1 else told
    if len(chosen) != 1:
        raise Refused(Issue("subject_unknown", value=text))
    return str(chosen[0]["subject"])


def subject_of(site: Site, node: str) -> str:
    """The subject that a node belongs to; itself where it is one, or unknown."""
    moved = index.read(site).frame("joined", pl.col("node") == node)
    return str(moved["subject"][0]) if moved.height else node


def known_nodes(site: Site, *nodes: str) -> None:
    """Raises Refused (subject_unknown) for the first that the index doesn't have."""
    have = set(index.read(site).frame("nodes", pl.col("node").is_in(nodes))["node"])
    for node in nodes:
        if node not in have:
            raise Refused(Issue("subject_unknown", value=node))
