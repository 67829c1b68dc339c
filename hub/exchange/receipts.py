"""Receipts: a consumer's word on which entries it took, refused and why, or erased.

The latest word on an entry counts. Every message that says something new stays as it came, with its
signature, so that what was said can be proved later. Nobody can answer for what the log of exchanges
doesn't say that it was given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub import ledger
from hub.consumers.consumer import Consumer
from hub.exchange import refusals
from hub.exchange.given import Streamed, covers, given
from hub.exchange.receipt_ranges import Range, Span, overlay
from hub.exchange.tables_of_receipts import receipt, receipt_message, receipt_range
from hub.instant import utc_now
from hub.segment import compress
from hub.tables import consumer as consumer_table
from hub.tables import dataset

_DELETED_AT_ONCE = 100  # ranges named by one statement


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed request (RFC 9421) with all that proves it: `headers` are those of its signature, and
    those that it covers, with names in lower case."""

    keyid: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """`message` is None where nothing new was said; `opened` are refusals that are to be answered."""

    message: int | None
    receipts: int
    opened: int = 0


def record(
    connection: Connection,
    consumer: Consumer,
    view: Streamed,
    said: Sequence[Range],
    signed: Signed | None = None,
    name: str | None = None,
) -> Recorded:
    """Keep what a consumer says of entries of a stream; saying it again changes nothing.

    `name` is what the consumer calls this message: sent again under the same name it isn't a later
    word. Raises Refused: receipt_not_given (about anything that it wasn't given; nothing is kept),
    receipt_other (another message has this name).
    """
    consumer_id = consumer.id
    if not said:
        return Recorded(None, 0)
    _alone(connection, consumer_id, view)
    digest = _digest(said)
    if name is not None and _known(connection, consumer_id, view, name, digest):
        return Recorded(None, len(said))
    _check_given(connection, consumer_id, view, said)
    first, last = min(one.first for one in said), max(one.last for one in said)
    standing = ranges(connection, consumer_id, view.id, first - 1, last + 1)
    now = overlay(standing, said)
    if now == standing and name is None:
        return Recorded(None, len(said))
    number = _keep(connection, consumer_id, view, said, signed, (name, digest))
    if now == standing:  # kept for its name: sent again behind other words, it must be known
        return Recorded(None, len(said))
    _replace(connection, consumer_id, view, standing, now)
    return Recorded(
        number, len(said), refusals.note(connection, consumer_id, view, overlay([], said))
    )


def ranges(
    connection: Connection, consumer_id: int, view_id: int, first: int, last: int
) -> list[Range]:
    """What counts now of the entries from `first` to `last`, in order; ranges that reach beyond are
    given whole."""
    has = receipt_range.c
    query = (
        select(has.first_seq, has.last_seq, has.state, has.code, has.reason)
        .where(has.consumer_id == consumer_id, has.view_id == view_id)
        .where(has.last_seq >= first, has.first_seq <= last)
        .order_by(has.last_seq)
    )
    return [Range(*row) for row in connection.execute(query).all()]


def spans(connection: Connection, consumer_id: int, view_id: int) -> list[Span]:
    """Of which entries there is a receipt, whatever it says."""
    has = receipt_range.c
    query = select(has.first_seq, has.last_seq).where(
        has.consumer_id == consumer_id, has.view_id == view_id
    )
    return [(first, last) for first, last in connection.execute(query.order_by(has.last_seq))]


def _alone(connection: Connection, consumer_id: int, view: Streamed) -> None:
    """Two messages of one consumer wait for each other: which is the later one is then certain. And
    all wait for an erasure in the dataset: what it takes out of the ranges mustn't be read before."""
    mine = consumer_table.c.id == consumer_id
    query = select(consumer_table.c.id).where(mine).with_for_update(key_share=True)
    connection.execute(query).scalar_one()
    erasing = select(dataset.c.id).where(dataset.c.name == view.dataset)
    connection.execute(erasing.with_for_update(read=True, key_share=True))


def _digest(said: Sequence[Range]) -> str:
    told = [[one.first, one.last, *one.said] for one in said]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _known(
    connection: Connection, consumer_id: int, view: Streamed, name: str, digest: str
) -> bool:
    has = receipt_message.c
    found = connection.scalar(
        select(has.said_sha256).where(
            has.consumer_id == consumer_id, has.view_id == view.id, has.name == name
        )
    )
    if found is not None and found != digest:
        raise Refused(Issue("receipt_other", value=name))
    return found is not None


def _check_given(
    connection: Connection, consumer_id: int, view: Streamed, said: Sequence[Range]
) -> None:
    first, last = min(one.first for one in said), max(one.last for one in said)
    had = given(connection, consumer_id, view, first, last)
    if covers(had, [(one.first, one.last) for one in said]):
        return
    for one in said:
        if not covers(had, [(one.first, one.last)]):
            words = {"dataset": view.dataset}
            named = f"{one.first}–{one.last}"
            raise Refused(Issue("receipt_not_given", value=named, params=words))


def _keep(
    connection: Connection,
    consumer_id: int,
    view: Streamed,
    said: Sequence[Range],
    signed: Signed | None,
    known_by: tuple[str | None, str],
) -> int:
    name, digest = known_by
    of = {"consumer_id": consumer_id, "view_id": view.id}
    row = {
        **of,
        "dataset_id": ledger.dataset_id(connection, view.dataset),
        "name": name,
        "said_sha256": digest,
        "at": utc_now(),
        **(_signature(signed) if signed else {}),
    }
    number = connection.scalar(insert(receipt_message).values(row).returning(receipt_message.c.id))
    lines = [
        {**of, "message_id": number, "first_seq": one.first, "last_seq": one.last,
         "state": one.state, "code": one.code, "reason": one.reason}
        for one in said
    ]  # fmt: skip
    connection.execute(insert(receipt), lines)
    return int(number or 0)


def _signature(signed: Signed) -> dict[str, Any]:
    own = ("signature-input", "signature", "content-digest")
    covered = {name: value for name, value in signed.headers.items() if name not in own}
    return {
        "keyid": signed.keyid,
        "method": signed.method,
        "target": signed.url,
        **{name.replace("-", "_"): signed.headers[name] for name in own},
        "covered": json.dumps(covered),
        "body": compress(signed.body),
    }


def _replace(
    connection: Connection,
    consumer_id: int,
    view: Streamed,
    before: Sequence[Range],
    now: Sequence[Range],
) -> None:
    """Write only what differs: a message on the newest page touches one row or two."""
    has = receipt_range.c
    same = set(before) & set(now)
    gone = [one for one in before if one not in same]
    of = {"consumer_id": consumer_id, "view_id": view.id}
    for at in range(0, len(gone), _DELETED_AT_ONCE):
        named = [has.last_seq == one.last for one in gone[at : at + _DELETED_AT_ONCE]]
        mine = and_(has.consumer_id == consumer_id, has.view_id == view.id, or_(*named))
        connection.execute(delete(receipt_range).where(mine))
    number = ledger.dataset_id(connection, view.dataset)
    rows = [
        {**of, "dataset_id": number, "first_seq": one.first, "last_seq": one.last,
         "state": one.state, "code": one.code, "reason": one.reason}
        for one in now
        if one not in same
    ]  # fmt: skip
    if rows:
        connection.execute(insert(receipt_range), rows)
