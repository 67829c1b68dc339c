"""Samples: whoever decides on many records at once first looks at some that chance chose.

A sample belongs to one person and one act. It keeps which records the change set had, each with the
view that was there; what has changed since isn't decided on.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Connection, Row, exists, func, insert, select, update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.bulk import insert_frame
from hub.instant import utc_now
from hub.tables_of_review import disclosure, sample, sample_record

SMALLEST, LARGEST = 20, 200  # records that are drawn; between them one in a thousand


def size_of(records: int, asked: int | None = None) -> int:
    """How many of a change set have to be looked at: `asked`, but not fewer than the rule says."""
    ruled = min(max(SMALLEST, -(-records // 1000)), LARGEST)
    return min(records, max(ruled, asked or 0))


def draw(
    connection: Connection,
    number: int,
    act: str,
    actor: str,
    condition: Mapping[str, Any],
    rows: pl.DataFrame,
    asked: int | None = None,
) -> int:
    """Keep the change set `rows` (record_id, view_digest) and draw from it; returns the sample's id.

    Raises Refused (sample_empty).
    """
    if rows.is_empty():
        raise Refused(Issue("sample_empty"))
    row = {
        "dataset_id": number,
        "act": act,
        "actor": actor,
        "condition": json.dumps(dict(condition), ensure_ascii=False, default=str),
        "records": rows.height,
        "drawn_at": utc_now(),
    }
    sample_id = int(connection.scalar(insert(sample).values(row).returning(sample.c.id)) or 0)
    # Nobody who prepares the records can foresee which ones are looked at.
    picked = random.SystemRandom().sample(range(rows.height), size_of(rows.height, asked))
    drawn = pl.Series("drawn", [0] * rows.height, dtype=pl.Int64).scatter(picked, 1)
    frame = rows.select("record_id", "view_digest").with_columns(drawn)
    insert_frame(connection, sample_record, frame, sample_id=sample_id)
    return sample_id


def drawn_records(connection: Connection, sample_id: int) -> list[dict[str, Any]]:
    """What has to be looked at: {record_id, view_digest (hex), seen_at}."""
    query = (
        select(sample_record)
        .where(sample_record.c.sample_id == sample_id, sample_record.c.drawn == 1)
        .order_by(sample_record.c.record_id)
    )
    return [
        {
            "record_id": row.record_id,
            "view_digest": bytes(row.view_digest).hex(),
            "seen_at": row.seen_at,
        }
        for row in connection.execute(query)
    ]


def see(connection: Connection, sample_id: int, actor: str, record: str, digest: bytes) -> None:
    """Note that the sample's owner was shown a drawn record with this view.

    Raises Misdeclared (sample_unknown), Refused (digest_changed) where the record's view isn't the
    one that was drawn any more: the sample is of another change set then.
    """
    _own(connection, sample_id, actor)
    mine = (sample_record.c.sample_id == sample_id) & (sample_record.c.record_id == record)
    row = connection.execute(select(sample_record).where(mine)).one_or_none()
    if row is None or not row.drawn:
        raise Misdeclared(Issue("sample_unknown", value=f"{sample_id}/{record}"))
    if bytes(row.view_digest) != digest:
        raise Refused(Issue("digest_changed", value=record))
    connection.execute(update(sample_record).where(mine).values(seen_at=utc_now()))


def ready(connection: Connection, sample_id: int, actor: str) -> Row[Any]:
    """The sample, where its owner has looked at all of it.

    Raises Misdeclared (sample_unknown), Refused (sample_unseen, sample_used).
    """
    row = _own(connection, sample_id, actor)
    if row.used_at is not None:
        raise Refused(Issue("sample_used", value=str(sample_id)))
    unseen = select(func.count()).where(
        sample_record.c.sample_id == sample_id,
        sample_record.c.drawn == 1,
        sample_record.c.seen_at.is_(None),
    )
    left = int(connection.scalar(unseen) or 0)
    if left:
        raise Refused(Issue("sample_unseen", value=str(sample_id), params={"left": str(left)}))
    return row


def use(connection: Connection, sample_id: int) -> None:
    """Note that the sample was decided on; it can't be used again."""
    mine = sample.c.id == sample_id
    connection.execute(update(sample).where(mine).values(used_at=utc_now()))


def among_sample(sample_id: int) -> ColumnElement[bool]:
    """The disclosures of the sample's change set that still have the view that they had."""
    return exists().where(
        sample_record.c.sample_id == sample_id,
        sample_record.c.record_id == disclosure.c.record_id,
        sample_record.c.view_digest == disclosure.c.view_digest,
    )


def _own(connection: Connection, sample_id: int, actor: str) -> Row[Any]:
    mine = (sample.c.id == sample_id) & (sample.c.actor == actor)
    row = connection.execute(select(sample).where(mine)).one_or_none()
    if row is None:
        raise Misdeclared(Issue("sample_unknown", value=str(sample_id)))
    return row
