"""All that is told of a batch: the walk, who had it, and what is found in its ledgers."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.analysis.inputs import Inputs
from hub.trace.findings import findings
from hub.trace.parties import parties, trades
from hub.trace.walk import Limits, Walk, walk


@dataclass(frozen=True, slots=True)
class Chain:
    """`parties` and `trades` as in `hub.trace.parties`, `findings` as in `hub.trace.findings`; of a walk that
    was cut, findings that only say that something is missing are left out."""

    walk: Walk
    parties: pl.DataFrame
    trades: pl.DataFrame
    findings: pl.DataFrame


def chain(
    inputs: Inputs,
    asked: str,
    producer: str | None = None,
    product: str | None = None,
    limits: Limits | None = None,
) -> Chain:
    """The chain of a trace code or a batch number. Raises Misdeclared (trace_unknown)."""
    found = walk(inputs, asked, producer, product, limits)
    if found.rows.is_empty():
        raise Misdeclared(Issue("trace_unknown", value=asked[:64]))
    return Chain(found, parties(found.rows), trades(found.rows), _findings(found))


def _findings(found: Walk) -> pl.DataFrame:
    """Of the rows of the walk, judged beside the rest of their lots."""
    told = findings(found.beside, found.papers, found.rows["code"])
    return told.filter(pl.col("level") != "gap") if found.cut else told
