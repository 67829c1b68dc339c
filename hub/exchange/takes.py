"""The log of exchanges as people read it: what was taken lately, and how much on each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.days import HERE, today
from hub.bulk import select_frame
from hub.exchange.tables import exchange_view
from hub.exchange.tables_of_receipts import receipt_message
from hub.tables import dataset, exchange_log

DAYS = 30
SHOWN = 50  # rows of a list


def by_day(connection: Connection, name: str, days: int = DAYS) -> list[tuple[str, int]]:
    """(day, entries that were handed over) of the last days, as China counts days."""
    first = today() - timedelta(days=days - 1)
    since = (first - timedelta(days=1)).isoformat()  # UTC begins its day later
    hour = func.substr(exchange_log.c.at, 1, 13).label("hour")
    query = (
        select(hour, func.sum(exchange_log.c.entries).label("entries"))
        .join(dataset, dataset.c.id == exchange_log.c.dataset_id)
        .where(dataset.c.name == name, exchange_log.c.at >= since)
        .group_by(hour)
    )
    frame = select_frame(connection, query, {"hour": pl.String, "entries": pl.Int64})
    whole = pl.concat_str(pl.col("hour"), pl.lit(":00")).str.to_datetime("%Y-%m-%dT%H:%M")
    local = whole.dt.replace_time_zone("UTC").dt.convert_time_zone(str(HERE))
    found = dict(
        frame.group_by(day=local.dt.date().cast(pl.String))
        .agg(pl.col("entries").sum())
        .iter_rows()
    )
    every = [(first + timedelta(days=n)).isoformat() for n in range(days)]
    return [(day, int(found.get(day, 0))) for day in every]


def latest(
    connection: Connection, consumer_id: int, datasets: Sequence[str], limit: int = SHOWN
) -> list[dict[str, Any]]:
    """What a consumer was given last: {at, dataset, view, kind, first, last, entries, purpose}."""
    log = exchange_log.c
    query = (
        select(
            log.at, dataset.c.name.label("dataset"), exchange_view.c.name.label("view"), log.kind,
            (log.after_seq + 1).label("first"), log.last_seq.label("last"), log.entries, log.purpose,
        )
        .join(dataset, dataset.c.id == log.dataset_id)
        .join(exchange_view, exchange_view.c.id == log.view_id, isouter=True)
        .where(log.consumer_id == consumer_id, log.entries > 0, dataset.c.name.in_(datasets))
        .order_by(log.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


def messages(
    connection: Connection, consumer_id: int, datasets: Sequence[str], limit: int = SHOWN
) -> list[dict[str, Any]]:
    """What a consumer said last: {id, at, dataset, keyid}; the receipts are `hub.exchange.receipts`."""
    said = receipt_message.c
    query = (
        select(said.id, said.at, dataset.c.name.label("dataset"), said.keyid)
        .join(dataset, dataset.c.id == said.dataset_id)
        .where(said.consumer_id == consumer_id, dataset.c.name.in_(datasets))
        .order_by(said.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
