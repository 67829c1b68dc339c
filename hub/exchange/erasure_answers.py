"""Erasures: what the law wanted gone, and which consumers have confirmed that it is gone with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from hub.exchange.given import given
from hub.exchange.receipt_ranges import Span
from hub.exchange.receipt_streams import streams_of
from hub.exchange.tables import exchange_erased, exchange_erasure
from hub.exchange.tables_of_receipts import ERASED, receipt_range
from hub.tables import consumer, dataset
from hub.tables_of_review import decision

SHOWN = 50


def erasures(
    connection: Connection, datasets: Sequence[str], limit: int = SHOWN
) -> list[dict[str, Any]]:
    """The newest first: {id, dataset, at, records, entries, reason_code, legal_basis, actor,
    holders}; `holders` are {consumer_id, consumer, view, given, confirmed} in numbers of entries,
    of those who were given any of them.

    The public stream isn't among the views: what is erased there left with a release.
    """
    query = (
        select(
            exchange_erasure.c.id, exchange_erasure.c.dataset_id, dataset.c.name.label("dataset"),
            exchange_erasure.c.at, exchange_erasure.c.records, exchange_erasure.c.entries,
            decision.c.reason_code, decision.c.legal_basis, decision.c.actor,
        )
        .join(dataset, dataset.c.id == exchange_erasure.c.dataset_id)
        .join(decision, decision.c.id == exchange_erasure.c.decision_id)
        .where(dataset.c.name.in_(datasets))
        .order_by(exchange_erasure.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    found = [dict(row) for row in connection.execute(query).mappings()]
    return [{**one, "holders": _holders(connection, one)} for one in found]


def _holders(connection: Connection, erasure: dict[str, Any]) -> list[dict[str, Any]]:
    gone = select(exchange_erased.c.seq).where(exchange_erased.c.erasure_id == erasure["id"])
    seqs = np.fromiter(connection.scalars(gone.order_by(exchange_erased.c.seq)), np.int64)
    if not len(seqs):
        return []
    first, last = int(seqs[0]), int(seqs[-1])
    found = []
    for number, name in connection.execute(
        select(consumer.c.id, consumer.c.name).order_by(consumer.c.name)
    ).all():
        for stream, view in streams_of(connection, number, erasure["dataset"]):
            if stream.audience == "public":
                continue
            had = _within(seqs, given(connection, number, stream, first, last))
            if had:
                said = _within(seqs, _erased(connection, number, stream.id, first, last))
                words = {"consumer_id": number, "consumer": name, "view": view}
                found.append({**words, "given": had, "confirmed": said})
    return found


def _erased(
    connection: Connection, consumer_id: int, view_id: int, first: int, last: int
) -> list[Span]:
    has = receipt_range.c
    query = (
        select(has.first_seq, has.last_seq)
        .where(has.consumer_id == consumer_id, has.view_id == view_id, has.state == ERASED)
        .where(has.last_seq >= first, has.first_seq <= last)
        .order_by(has.last_seq)
    )
    return [(begin, end) for begin, end in connection.execute(query)]


def _within(seqs: np.ndarray[Any, Any], spans: Sequence[Span]) -> int:
    """How many of the numbers lie in the spans; both are in order."""
    return sum(
        int(np.searchsorted(seqs, last, "right") - np.searchsorted(seqs, first, "left"))
        for first, last in spans
    )
