"""Grants that come with a consumer's registration, without an application of their own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert

from exchange_schemas.days import today
from hub.consumers.events import OPERATOR, note
from hub.grants.tables import GRANTED, consumer_grant
from hub.instant import utc_now

PURPOSE, BASIS = "登记用户时一并授权", "未另行说明"  # what is known of them


def grant_registered(
    connection: Connection,
    consumer_id: int,
    datasets: Sequence[str],
    audience: str,
    association: str | None,
    act: str = "grant",
) -> None:
    """Grant each dataset from today on, until it is revoked."""
    now = utc_now()
    for name in datasets:
        row = {
            "consumer_id": consumer_id,
            "dataset": name,
            "share_type": "registered",
            "audience": audience,
            "association": association if audience == "industry" else None,
            "purpose": PURPOSE,
            "legal_basis": BASIS,
            "valid_from": today().isoformat(),
            "state": GRANTED,
            "applied_at": now,
            "applied_by": OPERATOR,
            "decided_at": now,
            "decided_by": OPERATOR,
        }
        added = insert(consumer_grant).values(row).returning(consumer_grant.c.id)
        number = connection.scalar(added)
        note(connection, consumer_id, act, OPERATOR, grant_id=number, dataset=name)
