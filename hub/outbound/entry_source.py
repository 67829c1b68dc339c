"""Entries of the stream of a target's view, as columns."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection

from hub.exchange import reading, stream
from hub.outbound.desk import Desk
from hub.tree.lines import ENTRY, columns

NEAR = 1_000  # entries that are read with one that is wanted


def extend(desk: Desk) -> int:
    """Take what is new into the stream; returns its size."""
    return stream.extend(desk.engine, desk.catalogue, desk.view, site=desk.site)


def after(desk: Desk, connection: Connection, seq: int, limit: int) -> pl.DataFrame:
    """`hub.tree.lines.ENTRY` of at most `limit` entries behind `seq`, in order."""
    page = reading.lines(desk.site, connection, desk.view, seq, limit)
    return _columns(page.body)


def some(desk: Desk, connection: Connection, seqs: pl.Series) -> pl.DataFrame:
    """The same of just these entries; those that lie near each other are read together."""
    wanted = seqs.sort().to_list()
    parts, place = [pl.DataFrame(schema=ENTRY)], 0
    while place < len(wanted):
        end = wanted[place] + NEAR
        near = [seq for seq in wanted[place : place + NEAR] if seq < end]
        first, last = near[0], near[-1]
        parts.append(after(desk, connection, first - 1, last - first + 1))
        place += len(near)
    return pl.concat(parts).filter(pl.col("seq").is_in(seqs.implode()))


def _columns(body: bytes) -> pl.DataFrame:
    if not body:
        return pl.DataFrame(schema=ENTRY)
    return columns(body).select(list(ENTRY))
