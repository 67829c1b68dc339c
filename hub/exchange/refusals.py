"""Refusals: what a consumer wouldn't take goes back to the department that delivered it.

A refusal is open until the department answers why the record stays as it is, or until the consumer has
taken a newer entry of the record, or the entry itself. A record is corrected where it comes from: its
feed delivers it again, and nobody has to close anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, bindparam, func, select, text, update

from exchange_schemas.issue import Issue
from hub import ledger, notices
from hub.bulk import select_frame
from hub.exchange.given import Streamed
from hub.exchange.receipt_ranges import Range
from hub.exchange.tables import exchange_published
from hub.exchange.tables_of_receipts import OPEN, REFUSED, SETTLED, TAKEN, receipt_range, refusal
from hub.instant import utc_now
from hub.tables import consumer, head, revision

_SET = """
    ON CONFLICT (consumer_id, view_id, seq) DO UPDATE SET
        code = excluded.code, reason = excluded.reason, state = 'open',
        refused_at = excluded.refused_at, answer = NULL, answered_by = NULL, answered_at = NULL,
        settled_at = NULL, settled_seq = NULL
    WHERE refusal.state = 'settled' OR refusal.code <> excluded.code
        OR coalesce(refusal.reason, '') <> coalesce(excluded.reason, '')
"""
_OF_LEDGER = text(
    """
    INSERT INTO refusal (consumer_id, dataset_id, view_id, seq, feed_id, department, code, reason,
        state, refused_at)
    SELECT :consumer, revision.dataset_id, :view, revision.seq, run.feed_id,
        run.department, :code, :reason, 'open', :at
    FROM revision JOIN run ON run.id = revision.run_id
    WHERE revision.dataset_id = :dataset AND revision.seq BETWEEN :first AND :last
    """  # noqa: S608 - our own text
    + _SET
)
# The public stream has numbers and keys of its own: a key is the record's public id.
_OF_PUBLIC = text(
    """
    INSERT INTO refusal (consumer_id, dataset_id, view_id, seq, record_id, code, reason, state,
        refused_at)
    SELECT :consumer, :dataset, :view, :seq, (
        SELECT record_id FROM exchange_published WHERE view_id = :view AND seq = :seq
    ), :code, :reason, 'open', :at
    WHERE 1 = 1
    """  # noqa: S608 - our own text
    + _SET
)

_OWN = (revision.c.dataset_id == refusal.c.dataset_id) & (revision.c.seq == refusal.c.seq)


def note(connection: Connection, consumer_id: int, view: Streamed, said: Sequence[Range]) -> int:
    """Keep what `said` (one word for each entry) refuses, tell whose it is, and settle what it
    settles; returns how many refusals are open or open again because of it."""
    at = utc_now()
    refused = [one for one in said if one.state == REFUSED]
    opened = sum(_open(connection, consumer_id, view, one, at) for one in refused)
    if opened:
        _tell(connection, consumer_id, view, at)
    if _has_open(connection, consumer_id, view):
        others = [one for one in said if one.state != REFUSED]
        _settle(connection, consumer_id, view, others, at)
        if view.audience != "public":
            _settle_by_later(connection, consumer_id, view, others, at)
        if opened or view.audience == "public":
            _settle_by_head(connection, consumer_id, view, at)
    return opened


def _open(connection: Connection, consumer_id: int, view: Streamed, one: Range, at: str) -> int:
    words = {
        "consumer": consumer_id, "view": view.id, "code": one.code, "reason": one.reason, "at": at,
        "dataset": ledger.dataset_id(connection, view.dataset),
    }  # fmt: skip
    if view.audience != "public":
        found = connection.execute(_OF_LEDGER, {**words, "first": one.first, "last": one.last})
        return int(found.rowcount)
    return sum(
        connection.execute(_OF_PUBLIC, {**words, "seq": seq}).rowcount
        for seq in range(one.first, one.last + 1)
    )


def _mine(consumer_id: int, view: Streamed) -> Any:
    return (refusal.c.consumer_id == consumer_id) & (refusal.c.view_id == view.id)


def _has_open(connection: Connection, consumer_id: int, view: Streamed) -> bool:
    query = select(refusal.c.id).where(_mine(consumer_id, view), refusal.c.state != SETTLED)
    return connection.execute(query.limit(1)).first() is not None


def _tell(connection: Connection, consumer_id: int, view: Streamed, at: str) -> None:
    """One notice to the owner of each feed for each code: not one for each record."""
    name = connection.scalar(select(consumer.c.name).where(consumer.c.id == consumer_id))
    query = (
        select(refusal.c.feed_id, refusal.c.code, func.count())
        .where(_mine(consumer_id, view), refusal.c.state == OPEN, refusal.c.refused_at == at)
        .where(refusal.c.feed_id.is_not(None))
        .group_by(refusal.c.feed_id, refusal.c.code)
    )
    for feed_id, code, count in connection.execute(query).all():
        words = {"consumer": str(name), "count": count, "reason": code}
        issue = Issue("entries_refused", value=view.dataset, params=words)
        notices.tell_feed(connection, feed_id, issue)


def _settle(
    connection: Connection, consumer_id: int, view: Streamed, said: Iterable[Range], at: str
) -> None:
    """What the consumer took or erased after all."""
    for one in said:
        connection.execute(
            update(refusal)
            .where(_mine(consumer_id, view), refusal.c.state != SETTLED)
            .where(refusal.c.seq.between(one.first, one.last))
            .values(state=SETTLED, settled_at=at, settled_seq=refusal.c.seq)
        )


def _settle_by_later(
    connection: Connection, consumer_id: int, view: Streamed, said: Iterable[Range], at: str
) -> None:
    """What the consumer took a newer entry of: those of `said` are looked through."""
    query = (
        select(refusal.c.id, refusal.c.seq, revision.c.key)
        .join(revision, _OWN)
        .where(_mine(consumer_id, view), refusal.c.state != SETTLED)
    )
    shape = {"id": pl.Int64, "seq": pl.Int64, "key": pl.String}
    waiting = select_frame(connection, query, shape)
    if waiting.is_empty():
        return
    number, oldest = ledger.dataset_id(connection, view.dataset), waiting["seq"].min()
    for one in said:
        if one.state != TAKEN or one.last <= int(oldest or 0):  # type: ignore[arg-type]
            continue
        later = select_frame(
            connection,
            select(revision.c.seq.label("newer"), revision.c.key).where(
                revision.c.dataset_id == number,
                revision.c.seq.between(max(one.first, int(oldest or 0) + 1), one.last),  # type: ignore[arg-type]
            ),
            {"newer": pl.Int64, "key": pl.String},
        )
        met = waiting.join(later, on="key").filter(pl.col("newer") > pl.col("seq"))
        _close(connection, met.group_by("id").agg(pl.col("newer").min()), at)


def _settle_by_head(connection: Connection, consumer_id: int, view: Streamed, at: str) -> None:
    """What the consumer took the record's newest entry of: also one before it refused the older."""
    public = view.audience == "public"
    newest = exchange_published if public else head
    query = select(refusal.c.id, newest.c.seq.label("newer"))
    if public:
        same = exchange_published.c.record_id == refusal.c.record_id
        place = (exchange_published.c.view_id == view.id) & same
    else:
        query = query.join(revision, _OWN)
        place = (head.c.dataset_id == refusal.c.dataset_id) & (head.c.key == revision.c.key)
    taken = receipt_range.c
    query = (
        query.join(newest, place & (newest.c.seq > refusal.c.seq))
        .join(
            receipt_range,
            (taken.consumer_id == consumer_id)
            & (taken.view_id == view.id)
            & (taken.state == TAKEN)
            & (taken.first_seq <= newest.c.seq)
            & (taken.last_seq >= newest.c.seq),
        )
        .where(_mine(consumer_id, view), refusal.c.state != SETTLED)
    )
    found = select_frame(connection, query, {"id": pl.Int64, "newer": pl.Int64})
    _close(connection, found, at)


def _close(connection: Connection, found: pl.DataFrame, at: str) -> None:
    """Settle the refusals `id` by the entries `newer`."""
    if found.is_empty():
        return
    one = update(refusal).where(refusal.c.id == bindparam("which"), refusal.c.state != SETTLED)
    rows = [
        {"which": number, "by": seq} for number, seq in found.select("id", "newer").iter_rows()
    ]
    connection.execute(one.values(state=SETTLED, settled_at=at, settled_seq=bindparam("by")), rows)
