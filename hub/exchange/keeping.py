"""Keeping streams up to date: the job that follows a run or a release, for all views of a dataset."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from hub import jobs
from hub.database import create_tables, write
from hub.exchange import sealing, snapshots, stream
from hub.exchange.bulk_sealing import seal_from_ledger
from hub.exchange.checkpoints import checkpoint
from hub.exchange.segments import extent
from hub.exchange.views import View, views_of
from hub.exchange.waiting import KIND
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site

__all__ = ["KIND", "do_job", "keep"]

logger = logging.getLogger(__name__)


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: dataset. Extend, seal, and where it is worth it make a snapshot, of every view."""
    create_tables(engine)
    name, catalogue = str(lease.arguments["dataset"]), site.catalogue()
    with engine.connect() as connection:
        views = views_of(connection, name)
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = {view.name: keep(site, engine, catalogue, view, progress) for view in views}
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def keep(
    site: Site, engine: Engine, catalogue: Catalogue, view: View, progress: Progress
) -> dict[str, Any]:
    """Bring one stream up to date; returns {size, sealed, snapshot, checkpoint}: how many entries it
    has, how many segments are new, the seq of a new snapshot, and whether it could be signed."""
    size, sealed = _extended_and_sealed(site, engine, catalogue, view, progress)
    made = snapshots.make(site, engine, view, progress, asked=False) if sealed else None
    try:
        checkpoint(site, engine, view)
        signed = True
    except Refused as error:
        logger.warning("checkpoint of %s/%s: %s", view.dataset, view.name, error.issue.code)
        signed = False
    return {
        "size": size, "sealed": sealed, "snapshot": made.seq if made else None,
        "checkpoint": signed,
    }  # fmt: skip


def _extended_and_sealed(
    site: Site, engine: Engine, catalogue: Catalogue, view: View, progress: Progress
) -> tuple[int, int]:
    """(size, new segments). Whole segments that the ledger has go straight into files, once the tail
    ends where a segment does."""
    progress.step("sealing segments")
    with engine.connect() as connection:
        size, sealed = extent(connection, view)
    made = 0
    if size > sealed:
        room = view.segment_entries - (size - sealed) % view.segment_entries
        stream.extend(engine, catalogue, view, room, site)
        made += len(sealing.seal(site, engine, view, progress))
    made += seal_from_ledger(site, engine, catalogue, view, progress)
    progress.step("extending streams")
    size = stream.extend(engine, catalogue, view, site=site)
    return size, made + len(sealing.seal(site, engine, view, progress))
