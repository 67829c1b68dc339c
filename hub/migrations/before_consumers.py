"""Sites of before: a consumer's one key and its list of datasets become a key and grants, once.

Frozen: tables of 0001.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, insert, text

from exchange_schemas.days import today
from hub.instant import utc_now
from hub.migrations.first import SCHEMA

_TABLE = SCHEMA.tables
_OPERATOR, _ACT, _KEY_KIND = "operator", "taken_over", "bearer"
_PURPOSE, _BASIS = "登记用户时一并授权", "未另行说明"  # what is known of these grants
# A consumer of which anything was written down has keys and grants already.
_UNKNOWN = """
SELECT id, audience, association, datasets, key_hash, created_at FROM consumer
WHERE NOT EXISTS (SELECT 1 FROM consumer_event e WHERE e.consumer_id = consumer.id) ORDER BY id
"""


def take_over(connection: Connection) -> None:
    """Whoever was registered before there were keys and grants goes on as before."""
    for row in connection.execute(text(_UNKNOWN)).all():
        _key(connection, row)
        for name in json.loads(row.datasets):
            _grant(connection, row, name)


def _key(connection: Connection, row: Row[Any]) -> None:
    key = {
        "consumer_id": row.id,
        "kind": _KEY_KIND,
        "keyid": str(row.id),
        "key_hash": row.key_hash,
        "valid_from": row.created_at,
        "created_at": utc_now(),
    }
    connection.execute(insert(_TABLE["consumer_key"]).values(key))
    _note(connection, row.id, {"kind": _KEY_KIND}, keyid=str(row.id))


def _grant(connection: Connection, row: Row[Any], name: str) -> None:
    grant = _TABLE["consumer_grant"]
    now = utc_now()
    made = {
        "consumer_id": row.id,
        "dataset": name,
        "share_type": "registered",
        "audience": row.audience,
        "association": row.association if row.audience == "industry" else None,
        "purpose": _PURPOSE,
        "legal_basis": _BASIS,
        "valid_from": today().isoformat(),
        "state": "granted",
        "applied_at": now,
        "applied_by": _OPERATOR,
        "decided_at": now,
        "decided_by": _OPERATOR,
    }
    number = connection.scalar(insert(grant).values(made).returning(grant.c.id))
    _note(connection, row.id, {"dataset": name}, grant_id=number)


def _note(connection: Connection, consumer: int, details: dict[str, str], **words: Any) -> None:
    told = json.dumps(details, ensure_ascii=False, sort_keys=True)
    row = {"consumer_id": consumer, "act": _ACT, "actor": _OPERATOR, "details": told, **words}
    connection.execute(insert(_TABLE["consumer_event"]).values({**row, "at": utc_now()}))
