"""Review: two people approve the public view of a record before it may be published.

An approval is bound to the digest of exactly the view that was shown; `hub.disclosures` asks for
it, and asks again when the view has changed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub import ledger
from hub.database import write
from hub.instant import utc_now
from hub.tables import dataset, decision, disclosure


def listing(connection: Connection, name: str | None = None) -> list[dict[str, Any]]:
    """How many disclosures of each dataset are in which state: {dataset, state, records}."""
    query = (
        select(dataset.c.name, disclosure.c.state, disclosure.c.first_by, func.count())
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .group_by(dataset.c.name, disclosure.c.state, disclosure.c.first_by)
        .order_by(dataset.c.name, disclosure.c.state)
    )
    if name:
        query = query.where(dataset.c.name == name)
    columns = ("dataset", "state", "first_by", "records")
    return [dict(zip(columns, row, strict=True)) for row in connection.execute(query)]


def decide(
    engine: Engine,
    name: str,
    actor: str,
    records: Sequence[str] | None = None,
    digest: str | None = None,
) -> dict[str, int]:
    """Approve as `actor`: the given record ids, or every pending record of the dataset.

    A record that nobody approved yet gets its first approval, one that somebody else approved its
    second. Returns {first, second, own}: `own` are those that wait for another person. Raises
    Refused (same_person) where nothing but own ones were left, (digest_changed) where `digest`
    isn't the shown view's any more, (record_unknown) where a record id isn't pending.
    """
    with write(engine) as connection:
        number = ledger.dataset_id(connection, name)
        chosen = _pending(number, records)
        _check_chosen(connection, name, number, records, digest)
        if digest is not None:  # it may have changed since it was looked at
            chosen &= disclosure.c.view_digest == bytes.fromhex(digest)
        now = utc_now()
        other = chosen & (disclosure.c.first_by.is_not(None)) & (disclosure.c.first_by != actor)
        mine = {"second_by": actor, "second_at": now, "state": "approved"}
        second = connection.execute(update(disclosure).where(other).values(mine)).rowcount
        own_query = select(func.count()).where(chosen, disclosure.c.first_by == actor)
        own = int(connection.scalar(own_query.select_from(disclosure)) or 0)
        fresh = chosen & disclosure.c.first_by.is_(None)
        values = {"first_by": actor, "first_at": now}
        first = connection.execute(update(disclosure).where(fresh).values(values)).rowcount
        if not first and not second and own:
            raise Refused(Issue("same_person", value=actor))
        if digest is not None and not first and not second:
            raise Refused(Issue("digest_changed", value=", ".join(records or ())))
        for verdict, count in (("first", first), ("second", second)):
            _log(connection, number, actor, verdict, records, count, None)
    return {"first": first, "second": second, "own": own}


def reject(engine: Engine, name: str, actor: str, records: Sequence[str], reason: str) -> int:
    """Refuse to publish the given pending records, with a reason; returns how many."""
    with write(engine) as connection:
        number = ledger.dataset_id(connection, name)
        _check_chosen(connection, name, number, records, None)
        values = {"state": "rejected", "reason": reason}
        done = update(disclosure).where(_pending(number, records)).values(values)
        count = connection.execute(done).rowcount
        _log(connection, number, actor, "reject", records, count, reason)
    return int(count)


def _pending(number: int, records: Sequence[str] | None) -> Any:
    chosen = (disclosure.c.dataset_id == number) & (disclosure.c.state == "pending")
    return chosen if records is None else chosen & disclosure.c.record_id.in_(list(records))


def _check_chosen(
    connection: Connection,
    name: str,
    number: int,
    records: Sequence[str] | None,
    digest: str | None,
) -> None:
    if records is None:
        return
    query = select(disclosure.c.record_id, disclosure.c.state, disclosure.c.view_digest).where(
        disclosure.c.dataset_id == number, disclosure.c.record_id.in_(list(records))
    )
    found = {row.record_id: row for row in connection.execute(query)}
    for record in records:
        if record not in found:
            raise Refused(Issue("record_unknown", value=record, params={"dataset": name}))
        row = found[record]
        if row.state != "pending":
            words = {"state": row.state, "expected": "pending", "act": "decided"}
            raise Refused(Issue("state_wrong", value=record, params=words))
        if digest is not None and bytes(row.view_digest).hex() != digest:
            raise Refused(Issue("digest_changed", value=record))


def _log(
    connection: Connection,
    number: int,
    actor: str,
    verdict: str,
    records: Sequence[str] | None,
    count: int,
    reason: str | None,
) -> None:
    if not count:
        return
    row = {
        "dataset_id": number,
        "actor": actor,
        "verdict": verdict,
        "record_ids": None if records is None else json.dumps(list(records)),
        "seq": connection.scalar(select(dataset.c.reviewed_seq).where(dataset.c.id == number)),
        "records": count,
        "reason": reason,
        "decided_at": utc_now(),
    }
    connection.execute(insert(decision).values(row))
