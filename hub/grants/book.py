"""Applications and grants as people see them: what waits, what is late, what lives, what ended."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from hub.grants.granting import LARGEST_ID, is_overdue
from hub.grants.sharing import owner_on
from hub.grants.tables import GRANTED, consumer_grant
from hub.tables import consumer

COLUMNS = (
    "id", "dataset", "share_type", "audience", "association", "purpose", "legal_basis",
    "valid_from", "valid_until", "rate", "receipts_within_hours", "state", "applied_at",
    "applied_by", "review_by", "decide_by", "decided_at", "decided_by", "reason",
    "decision_basis",
)  # fmt: skip


def listing(
    connection: Connection,
    catalogue: Catalogue,
    day: date,
    consumer_id: int | None = None,
    department: str | None = None,
    states: tuple[str, ...] = (),
    grant_id: int | None = None,
) -> list[dict[str, Any]]:
    """{`COLUMNS`, consumer, fields, owner, standing}, in the order in which they were asked for.

    `standing` is the state as of `day`: applied, overdue (no answer in time), coming, living, ended
    (its time is over), refused or revoked.
    """
    query = (
        select(consumer_grant, consumer.c.name.label("consumer"))
        .join(consumer, consumer.c.id == consumer_grant.c.consumer_id)
        .order_by(consumer_grant.c.id)
    )
    if consumer_id is not None:
        query = query.where(consumer_grant.c.consumer_id == consumer_id)
    if grant_id is not None:
        query = query.where(consumer_grant.c.id == (grant_id if 0 < grant_id <= LARGEST_ID else 0))
    rows = [_told(row, catalogue, day) for row in connection.execute(query).mappings()]
    return [
        row
        for row in rows
        if department in (None, row["owner"]) and (not states or row["standing"] in states)
    ]


def _told(row: RowMapping, catalogue: Catalogue, day: date) -> dict[str, Any]:
    fields = row["fields"]
    return {
        **{name: row[name] for name in COLUMNS},
        "consumer": row["consumer"],
        "fields": None if fields is None else json.loads(fields),
        "owner": _owner(catalogue, row["dataset"], day),
        "standing": _standing(row, day),
    }


def _standing(row: RowMapping, day: date) -> str:
    if is_overdue(row["decide_by"], row["state"], day):
        return "overdue"
    if row["state"] != GRANTED:
        return str(row["state"])
    if row["valid_from"] > day.isoformat():
        return "coming"
    ended = row["valid_until"] is not None and row["valid_until"] < day.isoformat()
    return "ended" if ended else "living"


def _owner(catalogue: Catalogue, dataset: str, day: date) -> str | None:
    """Which department decides; None for a dataset that isn't in the catalogue any more."""
    try:
        return owner_on(catalogue.get(dataset), day)
    except Misdeclared:
        return None
