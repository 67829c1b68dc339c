"""Which stream a receipt is about: the consumer's present view, or one that it was given before.

A grant may have ended, or have another view now, before the consumer has answered for what it was given.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from hub.exchange.given import Stream, Streamed, covers, given
from hub.exchange.receipt_ranges import Range
from hub.exchange.tables import exchange_view
from hub.tables import dataset, exchange_log


def streams_of(connection: Connection, consumer_id: int, name: str) -> list[tuple[Stream, str]]:
    """The streams of a dataset of which a consumer was given anything, with their views' names; the
    one that it was given last comes first."""
    log = exchange_log.c
    last = (
        select(log.view_id, func.max(log.id).label("last"))
        .where(log.consumer_id == consumer_id, log.view_id.is_not(None))
        .group_by(log.view_id)
        .subquery()
    )
    view = exchange_view.c
    query = (
        select(view.id, view.audience, view.name)
        .join(last, last.c.view_id == view.id)
        .join(dataset, dataset.c.id == view.dataset_id)
        .where(dataset.c.name == name)
        .order_by(last.c.last.desc())
    )
    return [(Stream(row.id, name, row.audience), row.name) for row in connection.execute(query)]


def stream_of(
    connection: Connection, consumer_id: int, streams: Sequence[Streamed], said: Sequence[Range]
) -> Streamed:
    """The first of `streams` of which the consumer was given all that a message is about; the first
    of all where there is none, for which the message will be refused."""
    first, last = min(one.first for one in said), max(one.last for one in said)
    for one in streams:
        had = given(connection, consumer_id, one, first, last)
        if covers(had, [(part.first, part.last) for part in said]):
            return one
    return streams[0]
