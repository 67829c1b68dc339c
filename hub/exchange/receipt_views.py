"""Receipts to read: what a consumer has said of a dataset, in ranges, and what came of its refusals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from hub.exchange.given import Streamed, given
from hub.exchange.receipt_ranges import count, merged, without
from hub.exchange.receipts import spans
from hub.exchange.tables_of_receipts import (
    REFUSED,
    receipt,
    receipt_message,
    receipt_range,
    refusal,
)

LIMIT = 1_000  # ranges or refusals at a time


def said(
    connection: Connection,
    consumer_id: int,
    view: Streamed,
    after: int = 0,
    state: str | None = None,
    limit: int = LIMIT,
) -> list[dict[str, Any]]:
    """What counts now, in order: {first, last, state} and of refusals {code, reason}; those that
    end behind `after`."""
    has = receipt_range.c
    query = (
        select(has.first_seq, has.last_seq, has.state, has.code, has.reason)
        .where(has.consumer_id == consumer_id, has.view_id == view.id, has.last_seq > after)
        .order_by(has.last_seq)
        .limit(limit)
    )
    if state is not None:
        query = query.where(has.state == state)
    return [
        {"first": first, "last": last, "state": word}
        | ({"code": code, "reason": reason} if word == REFUSED else {})
        for first, last, word, code, reason in connection.execute(query)
    ]


def answers(
    connection: Connection, consumer_id: int, view: Streamed, after: int = 0, limit: int = LIMIT
) -> list[dict[str, Any]]:
    """What came of each refused entry, in order of seq: {seq, code, reason, refused_at, state,
    answer, answered_at, settled_at, settled_seq}. Who answered isn't said, which department was is
    known to the consumer."""
    names = (
        "seq", "code", "reason", "refused_at", "state", "answer", "answered_at", "settled_at",
        "settled_seq",
    )  # fmt: skip
    query = (
        select(*(refusal.c[name] for name in names))
        .where(refusal.c.consumer_id == consumer_id, refusal.c.view_id == view.id)
        .where(refusal.c.seq > after)
        .order_by(refusal.c.seq)
        .limit(limit)
    )
    return [{str(n): v for n, v in row.items()} for row in connection.execute(query).mappings()]


def of_entry(
    connection: Connection, consumer_id: int, view_id: int, seq: int
) -> list[dict[str, Any]]:
    """Every word on one entry, the oldest first: {state, code, reason, at, message, signed}. The last
    one counts."""
    query = (
        select(
            receipt.c.state,
            receipt.c.code,
            receipt.c.reason,
            receipt_message.c.at,
            receipt.c.message_id.label("message"),
            receipt_message.c.keyid.label("signed"),
        )
        .join(receipt_message, receipt_message.c.id == receipt.c.message_id)
        .where(receipt.c.consumer_id == consumer_id, receipt.c.view_id == view_id)
        .where(receipt.c.first_seq <= seq, receipt.c.last_seq >= seq)
        .order_by(receipt.c.id)
    )
    return [{str(n): v for n, v in row.items()} for row in connection.execute(query).mappings()]


def standing(connection: Connection, consumer_id: int, view: Streamed) -> dict[str, int]:
    """In numbers of entries: {given, taken, refused, erased, open, taken_up_to}.

    `open` were given and not answered; `taken_up_to` is the last entry before the first that isn't
    taken or erased.
    """
    has = receipt_range.c
    mine = (has.consumer_id == consumer_id) & (has.view_id == view.id)
    entries = func.sum(has.last_seq - has.first_seq + 1)
    query = select(has.state, entries).where(mine).group_by(has.state)
    sums = {state: int(total) for state, total in connection.execute(query)}
    had = given(connection, consumer_id, view)
    left = without(had, spans(connection, consumer_id, view.id))
    query_done = select(has.first_seq, has.last_seq).where(mine, has.state != REFUSED)
    done = merged((first, last) for first, last in connection.execute(query_done))
    return {
        "given": count(had),
        "taken": sums.get("taken", 0),
        "refused": sums.get("refused", 0),
        "erased": sums.get("erased", 0),
        "open": count(left),
        "taken_up_to": done[0][1] if done and done[0][0] == 1 else 0,
    }
