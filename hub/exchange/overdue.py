"""Receipts that are overdue: given longer ago than the grant allows, and not answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.issue import Issue
from hub.exchange.given import Stream, logged, spans_of
from hub.exchange.receipt_ranges import count, without
from hub.exchange.receipt_streams import streams_of
from hub.exchange.receipts import spans
from hub.grants.tables import GRANTED, REVOKED, consumer_grant
from hub.tables import consumer


@dataclass(frozen=True, slots=True)
class Overdue:
    """`entries` of `dataset` without a receipt, from `first` to `last`, the oldest given at `since`."""

    consumer_id: int
    consumer: str
    dataset: str
    view_id: int
    view: str
    hours: int
    entries: int
    first: int
    last: int
    since: str

    @property
    def issue(self) -> Issue:
        """What to do about it."""
        words = {
            "consumer": self.consumer, "count": str(self.entries), "since": self.since,
            "hours": str(self.hours),
        }  # fmt: skip
        return Issue("receipts_overdue", value=self.dataset, params=words)


def overdue(connection: Connection, now: datetime | None = None) -> list[Overdue]:
    """Every consumer and dataset with entries that are overdue, the longest waiting first.

    A grant that has ended, or was revoked, owes what was given under it all the same.
    """
    found = []
    for one in _owing(connection):
        late = _late(connection, one, now or datetime.now(UTC))
        if late is not None:
            found.append(late)
    return sorted(found, key=lambda one: (one.since, one.consumer, one.dataset))


@dataclass(frozen=True, slots=True)
class _Owing:
    consumer_id: int
    consumer: str
    hours: int
    view: Stream
    name: str


def _owing(connection: Connection) -> list[_Owing]:
    """The streams of which a consumer owes receipts, with the time that its last grant leaves it."""
    grants = consumer_grant.c
    query = (
        select(
            grants.consumer_id,
            consumer.c.name.label("consumer"),
            grants.dataset,
            grants.receipts_within_hours.label("hours"),
        )
        .join(consumer, consumer.c.id == grants.consumer_id)
        .where(consumer.c.revoked_at.is_(None), grants.state.in_((GRANTED, REVOKED)))
        .order_by(grants.id)
    )
    last = {(row.consumer_id, row.dataset): row for row in connection.execute(query)}
    return [
        _Owing(row.consumer_id, row.consumer, row.hours, view, name)
        for row in last.values()
        if row.hours is not None
        for view, name in streams_of(connection, row.consumer_id, row.dataset)
    ]


def _late(connection: Connection, one: _Owing, now: datetime) -> Overdue | None:
    until = (now - timedelta(hours=one.hours)).isoformat(timespec="milliseconds")
    frame = logged(connection, one.consumer_id, one.view)
    frame = frame.filter(pl.col("at") < until.replace("+00:00", "Z"))
    left = without(spans_of(frame), spans(connection, one.consumer_id, one.view.id))
    if not left:
        return None
    ends = pl.DataFrame(left, schema={"from": pl.Int64, "to": pl.Int64}, orient="row")
    # The log is in the order of time: the first row that has any of them was there first.
    since = frame.join_where(
        ends, pl.col("first") <= pl.col("to"), pl.col("last") >= pl.col("from")
    )["at"].min()
    words = (one.consumer_id, one.consumer, one.view.dataset, one.view.id, one.name, one.hours)
    return Overdue(*words, count(left), left[0][0], left[-1][1], str(since))
