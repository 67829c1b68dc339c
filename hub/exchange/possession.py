"""Who has a record: every step of it with every consumer, in the order in which it happened.

Given by the log, answered by receipts, told by notices of withdrawal, confirmed, erased. Being told of a
record too often is better than not at all, so whoever was given a page with it counts as having it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select

from hub.exchange import receipt_views
from hub.exchange.tables import exchange_published, exchange_view
from hub.exchange.tables_of_receipts import ERASED, REFUSED, TAKEN
from hub.holders import in_ckans as ckans
from hub.ledger import OPERATIONS
from hub.site import Site
from hub.tables import consumer, dataset, exchange_log, revision, run
from hub.tables_of_review import decision, disclosure, holder_notice
from publisher.deltas import TOMBSTONES, removed_in
from publisher.release import current_release

#: What a consumer has of a record, by the last that is known.
HELD = (HAS, GIVEN, NOT_TAKEN, DELETED, GONE) = (
    "taken", "given", "refused", "deleted", "erased",
)  # fmt: skip
CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the ledger: its entries seq → operation, and its public id where it has one."""

    number: int
    dataset: str
    key: str
    record_id: str | None
    entries: Mapping[int, str]


def find(
    connection: Connection, name: str, key: str | None = None, seq: int | None = None
) -> Record | None:
    """The record with this key, or this public id, or one of whose entries is `seq`; None where there
    is none."""
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == name))
    if number is None:
        return None
    of = revision.c.dataset_id == number
    if seq is not None:
        key = connection.scalar(select(revision.c.key).where(of, revision.c.seq == seq))
    mine = disclosure.c.dataset_id == number
    named = select(disclosure.c.key, disclosure.c.record_id).where(
        mine, or_(disclosure.c.key == key, disclosure.c.record_id == key)
    )
    row = connection.execute(named).first()
    key, record_id = (row.key, row.record_id) if row else (key, None)
    lines = select(revision.c.seq, revision.c.operation).where(of, revision.c.key == key)
    found = connection.execute(lines.order_by(revision.c.seq)).all()
    if not found:
        return None
    return Record(int(number), name, str(key), record_id, {s: OPERATIONS[how] for s, how in found})


def department_of(connection: Connection, record: Record, owner: str) -> str:
    """The department that delivered the record last."""
    last = max(record.entries)
    query = (
        select(run.c.department)
        .join(revision, revision.c.run_id == run.c.id)
        .where(revision.c.dataset_id == record.number, revision.c.seq == last)
    )
    return str(connection.scalar(query) or owner)


def holders(connection: Connection, record: Record) -> list[dict[str, Any]]:
    """One row for each consumer and view that was given an entry of the record, by name: {consumer,
    consumer_id, audience, view, has, seq, at, confirmed_at, steps}.

    `has` is one of `HELD`, and `seq` the entry of which it has that. `steps` are {at, what, seq,
    code, reason, message, number} in the order of time: given, taken, refused, erased, told
    (withdrawn), confirmed.
    """
    found = []
    for one in _takers(connection, record):
        steps = _given_steps(connection, record, one)
        if not steps:
            continue
        for seq in sorted({step["seq"] for step in steps}):
            steps += _said_steps(connection, one, seq)
        steps += _notice_steps(connection, record, one["consumer_id"])
        steps.sort(key=lambda step: step["at"])
        found.append({**one, **_standing(record, one, steps), "steps": steps})
    return found


def _takers(connection: Connection, record: Record) -> list[dict[str, Any]]:
    log = exchange_log.c
    query = (
        select(
            consumer.c.name.label("consumer"), log.consumer_id, consumer.c.audience,
            log.view_id, exchange_view.c.name.label("view"),
            exchange_view.c.audience.label("of"),
        )
        .join(consumer, consumer.c.id == log.consumer_id)
        .join(exchange_view, exchange_view.c.id == log.view_id, isouter=True)
        .where(log.dataset_id == record.number)
        .distinct()
        .order_by(consumer.c.name, log.view_id)
    )  # fmt: skip
    found = []
    for row in connection.execute(query).mappings():
        audience = row["of"] or row["audience"]
        named = ("consumer", "consumer_id", "view_id", "view")
        found.append({**{name: row[name] for name in named}, "audience": audience})
    return found


def _given_steps(
    connection: Connection, record: Record, one: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """When each entry was first given. The public stream has numbers of its own: there the record's
    present one is looked for."""
    log = exchange_log.c
    view = log.view_id.is_(None) if one["view_id"] is None else log.view_id == one["view_id"]
    mine = (log.consumer_id == one["consumer_id"]) & (log.dataset_id == record.number) & view
    steps = []
    for seq in _numbers(connection, record, one):
        query = (
            select(log.at)
            .where(mine, log.entries > 0, log.after_seq < seq, log.last_seq >= seq)
            .order_by(log.id)
            .limit(1)
        )
        at = connection.scalar(query)
        if at is not None:
            steps.append(_step(at, "given", seq))
    return steps


def _numbers(connection: Connection, record: Record, one: Mapping[str, Any]) -> list[int]:
    if one["audience"] != "public":
        return list(record.entries)
    query = select(exchange_published.c.seq).where(
        exchange_published.c.view_id == one["view_id"],
        exchange_published.c.record_id == record.record_id,
    )
    return [int(seq) for seq in connection.scalars(query)]


def _said_steps(connection: Connection, one: Mapping[str, Any], seq: int) -> list[dict[str, Any]]:
    if one["view_id"] is None:
        return []
    said = receipt_views.of_entry(connection, one["consumer_id"], one["view_id"], seq)
    return [
        _step(word["at"], word["state"], seq)
        | {name: word[name] for name in ("code", "reason", "message")}
        for word in said
    ]


def _notice_steps(
    connection: Connection, record: Record, consumer_id: int
) -> list[dict[str, Any]]:
    if record.record_id is None:
        return []
    query = (
        select(
            holder_notice.c.id, holder_notice.c.seq, holder_notice.c.confirmed_at,
            decision.c.decided_at, decision.c.reason_code,
        )
        .join(decision, decision.c.id == holder_notice.c.decision_id)
        .where(
            holder_notice.c.consumer_id == consumer_id,
            holder_notice.c.dataset_id == record.number,
            holder_notice.c.record_id == record.record_id,
        )
        .order_by(holder_notice.c.id)
    )  # fmt: skip
    return [step for row in connection.execute(query).mappings() for step in _of_notice(row)]


def _of_notice(row: RowMapping) -> list[dict[str, Any]]:
    words = {"number": row["id"], "code": row["reason_code"]}
    told = _step(row["decided_at"], "told", row["seq"]) | words
    if row["confirmed_at"] is None:
        return [told]
    return [told, _step(row["confirmed_at"], CONFIRMED, row["seq"]) | {"number": row["id"]}]


def _step(at: str, what: str, seq: int) -> dict[str, Any]:
    blank = dict.fromkeys(("code", "reason", "message", "number"))
    return {"at": at, "what": what, "seq": seq, **blank}


def _standing(
    record: Record, one: Mapping[str, Any], steps: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the consumer has: by the latest word on each entry, from the last entry that it was given
    back to the first that it didn't refuse, because it still has that one."""
    said = (TAKEN, REFUSED, ERASED)
    word = {step["seq"]: step["what"] for step in steps if step["what"] in said}
    had = sorted({step["seq"] for step in steps if step["what"] == "given"}, reverse=True)
    seq = next((one for one in had if word.get(one) != REFUSED), had[0])
    has = {TAKEN: HAS, REFUSED: NOT_TAKEN, ERASED: GONE}.get(word.get(seq, ""), GIVEN)
    if has == HAS and one["audience"] != "public" and record.entries.get(seq) == "delete":
        has = DELETED
    confirmed = [step["at"] for step in steps if step["what"] == CONFIRMED]
    last = {"at": steps[-1]["at"], "confirmed_at": confirmed[-1] if confirmed else None}
    return {"has": has, "seq": seq, **last}


def in_ckans(site: Site, connection: Connection, record: Record) -> list[dict[str, Any]]:
    """The CKANs that may have the record, as `hub.holders.in_ckans` tells them."""
    if record.record_id is None:
        return []
    release = current_release(site.releases, record.dataset)
    removed = removed_in(release.path / TOMBSTONES, record.record_id) if release else None
    return ckans(connection, record.number, record.record_id, removed)
