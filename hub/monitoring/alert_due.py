"""When the job that watches is queued: every minute, where anybody is to be told or a certificate is watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from hub import jobs
from hub.instant import instant_of
from hub.monitoring import alert_ways, certificates
from hub.tables import job

KIND = TOPIC = "alerts"
EVERY = timedelta(minutes=1)


def enqueue(connection: Connection) -> list[int]:
    """The new job, if it is due and none waits."""
    if not (alert_ways.are_set() or certificates.addresses()) or jobs.waiting(connection, TOPIC):
        return []
    last = connection.scalar(select(func.max(job.c.created_at)).where(job.c.kind == KIND)) or ""
    if last >= instant_of(datetime.now(UTC) - EVERY):
        return []
    return [jobs.submit(connection, KIND, {}, TOPIC)]
