"""Records that were taken back and that the province still holds: an alarm until it confirms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
from sqlalchemy import Connection, exists, literal, select

from exchange_schemas.issue import Issue
from hub import holders
from hub.bulk import select_frame
from hub.exchange.erasure import ACT as ERASE
from hub.ledger import dataset_id
from hub.outbound import parcel
from hub.outbound.desk import Desk, consumer_of
from hub.outbound.records import known
from hub.outbound.tables import (
    ANSWERED,
    REFUSED,
    WAITING,
    target_delivery,
    target_entry,
    target_record,
    target_state,
)
from hub.outbound.target import Target
from hub.states import PUBLIC
from hub.tables import DELETE, consumer, dataset, head, revision, run
from hub.tables_of_review import decision, disclosure, holder_notice

_LISTED = {"seq": pl.Int64, "key": pl.String, "why": pl.String, "since": pl.String}
_NOTICES = {"seq": pl.Int64, "key": pl.String, "record_id": pl.String, "since": pl.String}
UNANSWERED, WITHDRAWN = "unanswered", "withdrawn"


@dataclass(frozen=True, slots=True)
class StillHeld:
    """`seq` is the entry that takes the record back; `since` when it was first ready to be sent, ISO 8601
    in UTC. `why`: unanswered, refused, waiting (behind an earlier entry, or to be looked at at all), or
    withdrawn, where the record was withdrawn from publication or
    repaired and the consumer hasn't confirmed that it stopped using it (`hub.holders`); `seq` is then
    the revision that was public."""

    seq: int
    key: str
    why: str
    since: str


def still_held(connection: Connection, target: Target) -> list[StillHeld]:
    """All of them, the oldest first."""
    parts = (_unanswered(connection, target.name), _kept(connection, target.name),
             _to_come(connection, target), _withdrawn(connection, target))  # fmt: skip
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


def confirm_gone(connection: Connection, desk: Desk, under_way: pl.Series) -> int:
    """Confirm the notices of records that the province took and then deleted, but for the keys that are
    `under_way`, and for those that another target holds; returns how many."""
    told, mine = holder_notice.c, target_record.alias()
    elsewhere = select(target_state.c.target).join(
        target_record, target_record.c.target == target_state.c.target
    )
    held = elsewhere.where(target_record.c.key == mine.c.key, target_record.c.held == 1)
    key = disclosure.c.record_id if desk.view.audience == "public" else disclosure.c.key
    number = dataset_id(connection, desk.target.dataset)
    query = (
        select(told.id, mine.c.key)
        .join(
            disclosure,
            (disclosure.c.dataset_id == number) & (disclosure.c.record_id == told.record_id),
        )
        .join(mine, (mine.c.target == desk.target.name) & (mine.c.key == key))
        .join(decision, decision.c.id == told.decision_id)
        .where(told.consumer_id == desk.consumer.id, told.dataset_id == number)
        .where(told.confirmed_at.is_(None), mine.c.held == 0, ~held.exists())
        .where(decision.c.act != ERASE)  # that content is erased only the province can say
    )
    open_ones = set(under_way)
    done = [notice for notice, key in connection.execute(query) if key not in open_ones]
    for notice in done:
        holders.confirm(connection, desk.consumer.id, notice)
    return len(done)


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


def _kept(connection: Connection, target: str) -> pl.DataFrame:
    has = target_entry.c
    query = select(has.seq, has.key, has.state, has.at).where(
        has.target == target,
        has.state.in_((REFUSED, WAITING)),
        has.operation == parcel.DELETE,
    )
    return select_frame(connection, query, _LISTED)


def _to_come(connection: Connection, target: Target) -> pl.DataFrame:
    """Deletes of the ledger that no round got to yet: while the province is away none does."""
    has, there = revision.c, target_record.c
    living = exists().where(head.c.dataset_id == has.dataset_id, head.c.key == has.key)
    query = (
        select(has.seq, has.key, literal(WAITING), run.c.ended_at)
        .join(dataset, dataset.c.id == has.dataset_id)
        .join(run, run.c.id == has.run_id)
        .join(target_state, target_state.c.target == target.name)
        .join(target_record, (there.target == target.name) & (there.key == has.key))
        .where(dataset.c.name == target.dataset, has.seq > target_state.c.cursor)
        .where(has.operation == DELETE, ~living, there.held == 1)
        .order_by(has.seq)
    )
    return select_frame(connection, query, _LISTED)


def _withdrawn(connection: Connection, target: Target) -> pl.DataFrame:
    told = holder_notice.c
    query = (
        select(told.seq, disclosure.c.key, disclosure.c.record_id, decision.c.decided_at)
        .join(consumer, consumer.c.id == told.consumer_id)
        .join(dataset, dataset.c.id == told.dataset_id)
        .join(decision, decision.c.id == told.decision_id)
        .join(
            disclosure,
            (disclosure.c.dataset_id == told.dataset_id)
            & (disclosure.c.record_id == told.record_id),
        )
        .where(consumer.c.name == target.consumer, dataset.c.name == target.dataset)
        # of a record that was approved anew nothing has to go any more
        .where(told.confirmed_at.is_(None), disclosure.c.state.not_in(PUBLIC))
        .order_by(told.id)
    )
    rows = select_frame(connection, query, _NOTICES)
    return pl.concat(  # in the public's view a record's key is its number
        rows.select("seq", pl.col(key).alias("key"), pl.lit(WITHDRAWN).alias("why"), "since")
        for key in ("key", "record_id")
    )
