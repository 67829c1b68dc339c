"""What a consumer was given, by the log of exchanges: the only entries that it can answer for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import polars as pl
from sqlalchemy import ColumnElement, Connection, or_, select

from hub import ledger
from hub.bulk import select_frame
from hub.exchange.receipt_ranges import Span, merged
from hub.tables import exchange_log

LARGEST_SEQ = 2**63 - 1
LOGGED = {"first": pl.Int64, "last": pl.Int64, "at": pl.String}


class Streamed(Protocol):
    """The stream that receipts are about: a `hub.exchange.views.View`, or what stands for one."""

    @property
    def id(self) -> int:
        """Of `exchange_view`."""

    @property
    def dataset(self) -> str:
        """Its name."""

    @property
    def audience(self) -> str:
        """government · industry · public."""


@dataclass(frozen=True, slots=True)
class Stream:
    """As much of a view as receipts need."""

    id: int
    dataset: str
    audience: str


def of_stream(connection: Connection, consumer_id: int, view: Streamed) -> ColumnElement[bool]:
    """A condition on `exchange_log`: what the consumer was given of the stream.

    Rows of before there were views name none; their numbers are the ledger's.
    """
    log = exchange_log.c
    mine = (log.consumer_id == consumer_id) & (log.entries > 0)
    mine &= log.dataset_id == ledger.dataset_id(connection, view.dataset)
    own = log.view_id == view.id
    return mine & (own if view.audience == "public" else or_(own, log.view_id.is_(None)))


def logged(
    connection: Connection,
    consumer_id: int,
    view: Streamed,
    first: int = 1,
    last: int = LARGEST_SEQ,
) -> pl.DataFrame:
    """`LOGGED`: what was handed over of the entries from `first` to `last`, in the order of time."""
    log = exchange_log.c
    query = (
        select((log.after_seq + 1).label("first"), log.last_seq.label("last"), log.at)
        .where(of_stream(connection, consumer_id, view))
        .where(log.after_seq < last, log.last_seq >= first)
        .order_by(log.id)
    )
    return select_frame(connection, query, LOGGED)


def given(
    connection: Connection,
    consumer_id: int,
    view: Streamed,
    first: int = 1,
    last: int = LARGEST_SEQ,
) -> list[Span]:
    """What was handed over, in as few spans as have it; those that reach beyond `first` or `last` are
    given whole."""
    return spans_of(logged(connection, consumer_id, view, first, last))


def spans_of(frame: pl.DataFrame) -> list[Span]:
    """The union of the spans of `LOGGED`, of which there may be very many."""
    if frame.is_empty():
        return []
    edge = pl.col("last").cum_max().shift(1, fill_value=-1)
    groups = (
        frame.select("first", "last")
        .sort("first")
        .with_columns((pl.col("first") > edge + 1).cum_sum().alias("group"))
        .group_by("group")
        .agg(pl.col("first").min(), pl.col("last").max())
        .sort("first")
    )
    return list(groups.select("first", "last").iter_rows())


def covers(whole: Iterable[Span], part: Iterable[Span]) -> bool:
    """Whether every number of `part` is in `whole`, which is as `merged` gives it."""
    spans = list(whole)
    at = 0
    for first, last in merged(part):
        while at < len(spans) and spans[at][1] < first:
            at += 1
        if at == len(spans) or spans[at][0] > first or spans[at][1] < last:
            return False
    return True
