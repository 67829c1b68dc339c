"""Who took what: the log of the exchange, for one consumer or for the department that owns the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from hub.grants.sharing import owner_on
from hub.grants.tables import consumer_grant
from hub.tables import consumer, dataset, exchange_log

COLUMNS = (
    "at", "consumer", "dataset", "kind", "after_seq", "last_seq", "entries", "purpose",
    "legal_basis", "grant_id",
)  # fmt: skip


def takings(
    connection: Connection,
    consumer_id: int | None = None,
    datasets: Sequence[str] | None = None,
    since: str = "",
    limit: int = 100,
) -> list[dict[str, Any]]:
    """The newest `limit` exchanges at or after `since`, the newest first: `COLUMNS`.

    Entries with after_seq < seq <= last_seq were handed over. `purpose` and `legal_basis` are the
    grant's of that moment.
    """
    log = exchange_log.c
    query = (
        select(
            log.at, consumer.c.name.label("consumer"), dataset.c.name.label("dataset"), log.kind,
            log.after_seq, log.last_seq, log.entries, log.purpose, consumer_grant.c.legal_basis,
            log.grant_id,
        )
        .join(consumer, consumer.c.id == log.consumer_id)
        .join(dataset, dataset.c.id == log.dataset_id)
        .outerjoin(consumer_grant, consumer_grant.c.id == log.grant_id)
        .where(log.at >= since)
        .order_by(log.id.desc())
        .limit(limit)
    )  # fmt: skip
    if consumer_id is not None:
        query = query.where(log.consumer_id == consumer_id)
    if datasets is not None:
        query = query.where(dataset.c.name.in_(datasets))
    return [dict(row) for row in connection.execute(query).mappings()]


def datasets_of(catalogue: Catalogue, department: str) -> list[str]:
    """The datasets that a department owns today."""
    return [
        name for name in catalogue.datasets()
        if owner_on(catalogue.get(name), today()) == department
    ]  # fmt: skip
