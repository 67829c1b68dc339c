"""What was done to a consumer, its keys and its grants: who, when, why. Rows are only ever added."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, insert, select

from hub.grants.tables import consumer_event
from hub.instant import utc_now
from hub.tables import consumer

OPERATOR = "operator"  # who acts where nobody is named: whoever has the site's command line


def note(
    connection: Connection,
    consumer_id: int,
    act: str,
    actor: str,
    reason: str | None = None,
    *,
    grant_id: int | None = None,
    keyid: str | None = None,
    **details: Any,
) -> None:
    """Write a step down, in the transaction in which it is done. No secret belongs in `details`."""
    row = {
        "consumer_id": consumer_id,
        "grant_id": grant_id,
        "keyid": keyid,
        "act": act,
        "actor": actor,
        "reason": reason,
        "details": json.dumps(details, ensure_ascii=False, sort_keys=True),
        "at": utc_now(),
    }
    connection.execute(insert(consumer_event).values(row))


def events_of(
    connection: Connection, consumer_id: int | None = None, grant_id: int | None = None
) -> list[dict[str, Any]]:
    """The steps in their order: {at, consumer, act, actor, reason, grant_id, keyid, details}."""
    query = (
        select(consumer_event, consumer.c.name.label("consumer"))
        .join(consumer, consumer.c.id == consumer_event.c.consumer_id)
        .order_by(consumer_event.c.id)
    )
    if consumer_id is not None:
        query = query.where(consumer_event.c.consumer_id == consumer_id)
    if grant_id is not None:
        query = query.where(consumer_event.c.grant_id == grant_id)
    names = ("at", "consumer", "act", "actor", "reason", "grant_id", "keyid")
    return [
        {**{name: row[name] for name in names}, "details": json.loads(row["details"])}
        for row in connection.execute(query).mappings()
    ]
