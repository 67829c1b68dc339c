"""Notices as one consumer is given them: of records that it holds, and that it has to stop showing.

The record is named by its key, in the form in which this consumer knows it. Nothing else of it is
said, and nothing of who asked for its end.
"""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import load_codes
from hub import holders
from hub.consumers.consumer import Consumer
from hub.decisions import REASONS
from hub.exchange.entries import pseudonym
from hub.exchange.private_keys import keys_are_private
from hub.grants.grant import last_grant_of
from hub.grants.sharing import PUBLIC
from hub.tables import dataset
from hub.tables_of_review import disclosure

GIVEN = ("id", "dataset", "key", "act", "reason_code", "legal_basis", "decided_at", "confirmed_at")
LIMIT = 1_000  # notices at a time


def notices(
    connection: Connection, catalogue: Catalogue, consumer: Consumer, after: int
) -> list[dict[str, Any]]:
    """The first notices with an id > `after`, in order: `GIVEN`, and the reason's title in `reason`
    and `reason_en`."""
    found = holders.notices(connection, consumer.id, after, LIMIT)
    keys = _keys(connection, catalogue, consumer, found)
    codes = load_codes(REASONS).codes
    told = []
    for one in found:
        why = codes.get(one["reason_code"] or "")
        named = {**one, "key": keys.get((one["dataset"], one["record_id"]))}
        which = {"seq": one["seq"]} if one["act"] == "erase" else {}  # its entries, one by one
        told.append({
            **{name: named[name] for name in GIVEN},
            **which,
            "reason": why and why.title,
            "reason_en": why and why.title_en,
        })  # fmt: skip
    return told


def _keys(
    connection: Connection, catalogue: Catalogue, consumer: Consumer, found: list[dict[str, Any]]
) -> dict[tuple[str, str], str]:
    """(dataset, record_id) → the key as the consumer knows it."""
    keys: dict[tuple[str, str], str] = {}
    for name in sorted({one["dataset"] for one in found}):
        query = (
            select(disclosure.c.record_id, disclosure.c.key)
            .join(dataset, dataset.c.id == disclosure.c.dataset_id)
            .where(
                dataset.c.name == name,
                disclosure.c.record_id.in_(
                    [o["record_id"] for o in found if o["dataset"] == name]
                ),
            )
        )
        rows = [tuple(row) for row in connection.execute(query)]
        schema = {"record_id": pl.String, "key": pl.String}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        grant = last_grant_of(connection, consumer, name)
        audience = grant.audience if grant else consumer.audience
        if audience == PUBLIC:
            frame = frame.with_columns(key="record_id")
        elif keys_are_private(catalogue, name, audience, grant.fields if grant else None):
            frame = frame.with_columns(pseudonym(name, consumer).alias("key"))
        keys |= {(name, record): key for record, key in frame.iter_rows()}
    return keys
