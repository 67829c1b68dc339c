"""The job that brings what people decided back into the ledger: queued by each act, done once for many."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, select

from hub import jobs
from hub.analysis import computing
from hub.analysis.analyses import find
from hub.analysis.work import KIND as TOPIC
from hub.database import create_tables, write
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import job

KIND = "risks"  # a kind of its own: that people act all day long keeps no other analysis from its turn
ANALYSIS = "risks"


def ask(connection: Connection) -> None:
    """Queue the job where none waits."""
    waiting = (job.c.kind == KIND) & (job.c.state == "queued")
    if connection.scalar(select(job.c.id).where(waiting).limit(1)) is None:
        jobs.submit(connection, KIND, {}, TOPIC)


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Compute the analysis `risks`. Safe to repeat."""
    create_tables(engine)
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = computing.compute(site, engine, [find(ANALYSIS)], progress, job_id=lease.job_id)
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result
