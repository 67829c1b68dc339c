"""Sites of before: a consumer's one key and its list of datasets become a key and grants, once."""

from __future__ import annotations

import json

from sqlalchemy import Connection, RowMapping, insert, select

from hub.consumers.events import OPERATOR, note
from hub.grants.registered import grant_registered
from hub.grants.tables import BEARER, consumer_event, consumer_key
from hub.instant import utc_now
from hub.tables import consumer

_COLUMNS = (
    consumer.c.id, consumer.c.audience, consumer.c.association, consumer.c.datasets,
    consumer.c.key_hash, consumer.c.created_at,
)  # fmt: skip


def take_over(connection: Connection) -> None:
    """Whoever was registered before there were keys and grants goes on as before.

    A consumer of which anything was written down has them already.
    """
    known = select(consumer_event.c.id).where(consumer_event.c.consumer_id == consumer.c.id)
    for row in connection.execute(select(*_COLUMNS).where(~known.exists())).mappings().all():
        _take_over(connection, row)


def _take_over(connection: Connection, row: RowMapping) -> None:
    number = row["id"]
    key = {
        "consumer_id": number,
        "kind": BEARER,
        "keyid": str(number),
        "key_hash": row["key_hash"],
        "valid_from": row["created_at"],
        "created_at": utc_now(),
    }
    connection.execute(insert(consumer_key).values(key))
    note(connection, number, "taken_over", OPERATOR, keyid=str(number), kind=BEARER)
    names = json.loads(row["datasets"])
    grant_registered(connection, number, names, row["audience"], row["association"], "taken_over")
