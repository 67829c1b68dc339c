"""A disclosure as a reviewer sees it: the record beside its public view."""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import ledger
from hub.disclosures import public_view
from hub.tables import dataset, disclosure
from hub.translated import with_versions


def pending(connection: Connection, name: str, limit: int = 100) -> list[dict[str, Any]]:
    """The first pending disclosures: {record_id, seq, first_by, view_digest (hex)}."""
    query = (
        select(
            disclosure.c.record_id,
            disclosure.c.seq,
            disclosure.c.first_by,
            disclosure.c.view_digest,
        )
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .where(dataset.c.name == name, disclosure.c.state == "pending")
        .order_by(disclosure.c.seq)
        .limit(limit)
    )
    return [
        {
            "record_id": r.record_id,
            "seq": r.seq,
            "first_by": r.first_by,
            "view_digest": bytes(r.view_digest).hex(),
        }
        for r in connection.execute(query)
    ]


def record(
    connection: Connection, catalogue: Catalogue, standard: Standard, record_id: str
) -> dict[str, Any]:
    """{record, view, state, view_digest, …}; raises Refused (record_unknown).

    `view` is empty where the record has no public view.
    """
    query = (
        select(disclosure)
        .join(dataset, dataset.c.id == disclosure.c.dataset_id)
        .where(dataset.c.name == standard.dataset, disclosure.c.record_id == record_id)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        words = {"dataset": standard.dataset}
        raise Refused(Issue("record_unknown", value=record_id, params=words))
    content = b"{}"
    for _, line in ledger.contents(connection, standard.dataset, row["seq"] - 1, row["seq"]):
        content = line or b"{}"
    frame = pl.DataFrame({"seq": [row["seq"]], "json": [content.decode()]})
    frame = with_versions(connection, standard.dataset, frame)
    alive = frame.filter(pl.col("json") != "{}")
    view = public_view(catalogue, standard, alive)
    return {
        "dataset": standard.dataset,
        "record_id": record_id,
        "seq": row["seq"],
        "state": row["state"],
        "reason": row["reason"],
        "first_by": row["first_by"],
        "second_by": row["second_by"],
        "view_digest": bytes(row["view_digest"]).hex(),
        "record": orjson.loads(content),
        "view": orjson.loads(view["_json"][0]) if view.height else {},
    }
