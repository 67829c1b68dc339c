"""How streams stand: how much each has, how much of it is sealed, what it lacks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from hub import ledger
from hub.exchange.checkpoints import kept
from hub.exchange.segments import extent, segments_of
from hub.exchange.snapshots import snapshots_of
from hub.exchange.tables import exchange_block, exchange_view
from hub.exchange.views import View, views_of


def standing(connection: Connection, name: str | None = None) -> list[dict[str, Any]]:
    """Each stream, by dataset and view: {dataset, view, size, sealed, segments, waiting, erased, bytes,
    snapshot, checkpoint, release}.

    `waiting` are entries of the ledger that it lacks (null: of releases that isn't known), `erased`
    those of its sealed ones without content; `bytes` are those of its sealed lines and of its tail;
    `snapshot` and `checkpoint` are the newest one's seq and size, null where there is none.
    """
    return [_of(connection, view) for view in views_of(connection, name)]


def _of(connection: Connection, view: View) -> dict[str, Any]:
    size, sealed = extent(connection, view)
    segments, points = segments_of(connection, view), kept(connection, view)
    snapshots = snapshots_of(connection, view)
    mine = exchange_block.c.view_id == view.id
    tail = connection.scalar(select(func.sum(func.length(exchange_block.c.lines))).where(mine))
    release = select(exchange_view.c.release).where(exchange_view.c.id == view.id)
    public = view.audience == "public"
    return {
        "dataset": view.dataset,
        "view": view.name,
        "size": size,
        "sealed": sealed,
        "segments": len(segments),
        "waiting": None if public else ledger.head_seq(connection, view.dataset) - size,
        "erased": sum(one.erased for one in segments),
        "bytes": sum(one.ndjson_size for one in segments) + int(tail or 0),
        "snapshot": snapshots[0].seq if snapshots else None,
        "checkpoint": points[-1][0] if points else None,
        "release": connection.scalar(release),
    }
