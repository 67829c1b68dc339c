"""The index built anew, from all records."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from uuid import uuid4

import polars as pl

from exchange_schemas.catalogue import Catalogue
from hub.analysis.inputs import Inputs
from hub.subjects import decisions
from hub.subjects.gathering import nodes_of
from hub.subjects.index import FORMAT, Index, last_erasure
from hub.subjects.joining import joined
from hub.subjects.matching import compared_of, matched
from hub.subjects.nodes import is_coded, is_lonely, with_nodes
from hub.subjects.parties import mentions, parties_of
from hub.subjects.records import rows_of


def datasets_of(catalogue: Catalogue) -> list[str]:
    """The datasets whose records name subjects."""
    return [name for name in catalogue.datasets() if parties_of(catalogue.get(name))]


def parties_told(catalogue: Catalogue) -> str:
    """What an index depends on beside records: another value, and it is built anew."""
    told = [(name, parties_of(catalogue.get(name))) for name in datasets_of(catalogue)]
    return hashlib.sha256(f"{FORMAT}{told}".encode()).hexdigest()


def build(inputs: Inputs, index: Index) -> tuple[Index, pl.DataFrame]:
    """(the index of all records, which counts after `keep`; all records of market_subject)."""
    names = datasets_of(inputs.catalogue)
    seqs = inputs.seqs(names)
    with inputs.engine.connect() as connection:
        known, erasure = decisions.living(connection), last_erasure(connection)
    parts = [
        mentions(inputs.catalogue.get(name), inputs.scan(name)) for name in names if seqs[name]
    ]
    inputs.progress.step("subjects: mentions")
    found = with_nodes(pl.concat(parts).collect())
    inputs.progress.step("subjects: nodes")
    nodes = nodes_of(found)
    compared = compared_of(nodes)
    inputs.progress.step("subjects: matching")
    node = pl.col("node")
    links = matched(compared.filter(is_lonely(node)), compared.filter(is_coded(node)))
    together = joined(links, known)
    indexed = with_subjects(found, together)
    index.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = index.based(
        mentions=indexed, nodes=nodes, compared=compared, links=links, joined=together
    )
    told = parties_told(inputs.catalogue)
    made = replace(made, seqs=seqs, erasure=erasure, parties=told, building=uuid4().hex)
    return made, rows_of(nodes, together)


def with_subjects(found: pl.DataFrame, together: pl.DataFrame) -> pl.DataFrame:
    """Mentions with nodes, and `subject`."""
    told = found.drop("subject", strict=False).join(
        together, on="node", how="left", maintain_order="left"
    )
    return told.with_columns(pl.coalesce("subject", "node").alias("subject"))
