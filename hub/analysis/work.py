"""The job that computes what is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from exchange_schemas.days import today
from hub import jobs
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.database import create_tables, write
from hub.heartbeat import heartbeat
from hub.instant import instant_of
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import job

KIND = "analysis"  # of the job, and its topic
EVERY = timedelta(minutes=10)  # at least between two, so that a morning's runs are one computing


def enqueue(connection: Connection, site: Site) -> list[int]:
    """Queue the job where something is due and the last one isn't just over."""
    if jobs.waiting(connection, KIND):
        return []
    last = connection.scalar(select(func.max(job.c.created_at)).where(job.c.kind == KIND)) or ""
    soon = last >= instant_of(datetime.now(UTC) - EVERY)
    if soon or not computing.due(site, connection, today()):
        return []
    return [jobs.submit(connection, KIND, {}, KIND)]


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: names of analyses, or none for those that are due. Safe to repeat."""
    create_tables(engine)
    with engine.connect() as connection:
        wanted = lease.arguments.get("names") or [
            one.name for one in computing.due(site, connection, today())
        ]
    chosen = [one for one in ANALYSES.values() if one.name in wanted]
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = computing.compute(site, engine, chosen, progress, job_id=lease.job_id)
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result
