"""Kept receipts, proved again: each message by its signature, and the ranges by the messages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.consumers.secret import shared_secret
from hub.exchange.receipt_erasing import folded
from hub.exchange.receipt_ranges import Range
from hub.exchange.receipt_reading import read_message
from hub.exchange.tables_of_receipts import receipt, receipt_message, receipt_range
from hub.grants.tables import HMAC, consumer_key
from hub.request_signature.profile import Message
from hub.request_signature.verify import check_body, read_claims, was_signed
from hub.segment import unpack
from hub.tables import consumer, dataset


@dataclass(frozen=True, slots=True)
class Proved:
    """How many messages there are, how many are signed and proved; `issues` is what is wrong."""

    messages: int
    signed: int
    proved: int
    issues: list[Issue]


def prove(connection: Connection, master: bytes | None = None, name: str | None = None) -> Proved:
    """Verify every kept signature again and fold every receipt into ranges again; `name` limits it to
    one consumer.

    A signature is checked with the key of the consumer that it names, whether it still holds or not,
    and the receipts must be those of the signed body. `master` is the site's master secret, which
    shared secrets are worked out from.
    """
    messages = signed = proved = 0
    issues = []
    for row in _messages(connection, name):
        messages += 1
        if row["signature"] is None:
            continue
        signed += 1
        gone = row["body"] is None  # an erasure took it, with a reason that stood in it
        issue = _gone(row, "erased") if gone else _wrong(connection, row, master)
        proved += issue is None
        issues += [issue] if issue else []
    issues += _wrong_ranges(connection, name)
    return Proved(messages, signed, proved, issues)


def _messages(connection: Connection, name: str | None) -> Iterator[RowMapping]:
    query = (
        select(receipt_message, consumer.c.name.label("consumer"))
        .join(consumer, consumer.c.id == receipt_message.c.consumer_id)
        .order_by(receipt_message.c.id)
    )
    if name is not None:
        query = query.where(consumer.c.name == name)
    result = connection.execute(query, execution_options={"yield_per": 500})
    yield from result.mappings()


def _wrong(connection: Connection, row: RowMapping, master: bytes | None) -> Issue | None:
    """None where the message is proved."""
    body = unpack(bytes(row["body"]))
    headers = json.loads(row["covered"]) | {
        name: row[name.replace("-", "_")]
        for name in ("signature-input", "signature", "content-digest")
    }
    try:
        claims = read_claims(headers, has_body=True)
        check_body(headers, body)
    except Refused as error:
        return _unproven(row, error.issue.code)
    if claims.keyid != row["keyid"] or _kept(connection, row) != _said(body):
        return _unproven(row, "receipts ≠ body")
    mine = consumer_key.c.consumer_id == row["consumer_id"]
    query = select(consumer_key).where(mine, consumer_key.c.keyid == claims.keyid)
    key = connection.execute(query).mappings().first()
    if key is None or key["kind"] != claims.kind:
        return _unproven(row, f"no key {claims.keyid}")
    if key["kind"] == HMAC and master is None:
        return _gone(row, "consumers.secret")
    public = base64.b64decode(key["public_key"] or "")
    secret = public if key["kind"] != HMAC else shared_secret(master or b"", claims.keyid)
    message = Message(row["method"], row["target"], headers)
    return None if was_signed(message, claims, secret) else _unproven(row, "signature")


def _kept(connection: Connection, row: RowMapping) -> list[Range]:
    has = receipt.c
    query = (
        select(has.first_seq, has.last_seq, has.state, has.code, has.reason)
        .where(has.message_id == row["id"])
        .order_by(has.id)
    )
    return [Range(*one) for one in connection.execute(query).all()]


def _said(body: bytes) -> list[Range] | None:
    try:
        return read_message(body)[1]
    except Misdeclared:
        return None


def _unproven(row: RowMapping, reason: str) -> Issue:
    words = {"consumer": row["consumer"], "reason": reason}
    return Issue("receipt_unproven", value=str(row["id"]), params=words)


def _gone(row: RowMapping, reason: str) -> Issue:
    words = {"consumer": row["consumer"], "reason": reason}
    return Issue("receipt_key_gone", value=str(row["id"]), params=words)


def _wrong_ranges(connection: Connection, name: str | None) -> list[Issue]:
    """Streams whose ranges aren't what the receipts give, one after the other."""
    query = (
        select(
            receipt_message.c.consumer_id, receipt_message.c.view_id,
            consumer.c.name.label("consumer"), dataset.c.name.label("dataset"),
        )
        .join(consumer, consumer.c.id == receipt_message.c.consumer_id)
        .join(dataset, dataset.c.id == receipt_message.c.dataset_id)
        .distinct()
        .order_by(receipt_message.c.consumer_id, receipt_message.c.view_id)
    )  # fmt: skip
    if name is not None:
        query = query.where(consumer.c.name == name)
    return [
        Issue("ranges_wrong", value=row.consumer, params={"dataset": row.dataset})
        for row in connection.execute(query).all()
        if folded(connection, row.consumer_id, row.view_id) != _looked_up(connection, row)
    ]


def _looked_up(connection: Connection, row: Any) -> list[Range]:
    has = receipt_range.c
    query = (
        select(has.first_seq, has.last_seq, has.state, has.code, has.reason)
        .where(has.consumer_id == row.consumer_id, has.view_id == row.view_id)
        .order_by(has.last_seq)
    )
    return [Range(*one) for one in connection.execute(query).all()]
