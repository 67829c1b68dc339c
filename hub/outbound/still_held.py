"""Records that were taken back and that the province still holds: an alarm until it confirms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
from sqlalchemy import Connection, literal, select

from exchange_schemas.issue import Issue
from hub import holders
from hub.bulk import select_frame
from hub.outbound import parcel
from hub.outbound.desk import consumer_of
from hub.outbound.records import known
from hub.outbound.tables import ANSWERED, REFUSED, target_delivery, target_entry
from hub.outbound.target import Target
from hub.tables import consumer, dataset
from hub.tables_of_review import decision, disclosure, holder_notice

_LISTED = {"seq": pl.Int64, "key": pl.String, "why": pl.String, "since": pl.String}
UNANSWERED, WITHDRAWN = "unanswered", "withdrawn"


@dataclass(frozen=True, slots=True)
class StillHeld:
    """`seq` is the entry that takes the record back; `since` when it was first ready to be sent, ISO 8601
    in UTC. `why`: unanswered, refused, or withdrawn, where the record was withdrawn from publication or
    repaired and the consumer hasn't confirmed that it stopped using it (`hub.holders`); `seq` is then
    the revision that was public."""

    seq: int
    key: str
    why: str
    since: str


def still_held(connection: Connection, target: Target) -> list[StillHeld]:
    """All of them, the oldest first."""
    parts = (_unanswered(connection, target.name), _refused(connection, target.name),
             _withdrawn(connection, target))  # fmt: skip
    found = pl.concat(parts).unique("key", keep="first", maintain_order=True)
    there = known(connection, target.name, found["key"]).filter(pl.col("held") == 1)["key"]
    rows = found.filter(pl.col("key").is_in(there.implode())).sort("since", "seq")
    return [StillHeld(*row) for row in rows.iter_rows()]


def issues(connection: Connection, target: Target, now: datetime | None = None) -> Iterator[Issue]:
    """target_still_held, where some have been held for longer than the target allows."""
    latest = (now or datetime.now(UTC)) - timedelta(hours=target.alarm_after)
    limit = latest.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    late = [one for one in still_held(connection, target) if one.since <= limit]
    if late:
        words = {"dataset": target.dataset, "found": str(len(late)), "since": late[0].since}
        yield Issue("target_still_held", value=target.name, params=words)


def confirm(connection: Connection, target: Target, record_id: str) -> int:
    """Note that the province said, by letter or telephone, that it stopped using a record that was
    withdrawn or repaired; returns how many notices that confirms.

    Raises Misdeclared (target_no_consumer).
    """
    who = consumer_of(connection, target).id
    told = holder_notice.c
    query = (
        select(told.id)
        .join(dataset, dataset.c.id == told.dataset_id)
        .where(told.consumer_id == who, told.record_id == record_id, told.confirmed_at.is_(None))
        .where(dataset.c.name == target.dataset)
    )
    waiting = list(connection.scalars(query))
    for number in waiting:
        holders.confirm(connection, who, number)
    return len(waiting)


def _unanswered(connection: Connection, target: str) -> pl.DataFrame:
    has = target_delivery.c
    query = select(has.content, has.prepared_at).where(has.target == target, has.state != ANSWERED)
    parts = [pl.DataFrame(schema=_LISTED)]
    for content, at in connection.execute(query):
        rows = parcel.unpack(bytes(content)).filter(pl.col(parcel.OPERATION) == parcel.DELETE)
        parts.append(
            rows.select(
                pl.col(parcel.SEQ).alias("seq"), pl.col(parcel.KEY).alias("key"),
                pl.lit(UNANSWERED).alias("why"), pl.lit(at).alias("since"),
            )
        )  # fmt: skip
    return pl.concat(parts)


def _refused(connection: Connection, target: str) -> pl.DataFrame:
    has = target_entry.c
    query = select(has.seq, has.key, has.state, has.at).where(
        has.target == target, has.state == REFUSED, has.operation == parcel.DELETE
    )
    return select_frame(connection, query, _LISTED)


def _withdrawn(connection: Connection, target: Target) -> pl.DataFrame:
    told = holder_notice.c
    query = (
        select(told.seq, disclosure.c.key, literal(WITHDRAWN), decision.c.decided_at)
        .join(consumer, consumer.c.id == told.consumer_id)
        .join(dataset, dataset.c.id == told.dataset_id)
        .join(decision, decision.c.id == told.decision_id)
        .join(
            disclosure,
            (disclosure.c.dataset_id == told.dataset_id)
            & (disclosure.c.record_id == told.record_id),
        )
        .where(consumer.c.name == target.consumer, dataset.c.name == target.dataset)
        .where(told.confirmed_at.is_(None))
    )
    return select_frame(connection, query, _LISTED)
