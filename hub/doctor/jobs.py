"""Jobs: stuck, waiting for nobody, or failed lately."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.tables import job
from hub.terms import as_text

WAITING = timedelta(hours=1)  # for longer nothing waits where a worker runs
LATELY = timedelta(days=1)


def check_jobs(patient: Patient) -> Iterator[Issue]:
    """Whether work is done: leases that ended without a worker, jobs that wait, jobs that failed."""
    now = as_text(patient.now)
    old, day = as_text(patient.now - WAITING), as_text(patient.now - LATELY)
    due = or_(job.c.not_before.is_(None), job.c.not_before <= old)
    questions: tuple[tuple[str, ColumnElement[bool]], ...] = (
        ("doctor_jobs_stuck", (job.c.state == "running") & (job.c.lease_until < now)),
        ("doctor_jobs_waiting", (job.c.state == "queued") & (job.c.created_at < old) & due),
        ("doctor_jobs_failed", (job.c.state == "failed") & (job.c.ended_at >= day)),
    )
    well = True
    with patient.engine.connect() as connection:
        for code, which in questions:
            query = select(func.count(), func.min(job.c.id)).where(which)
            count, first = connection.execute(query).one()
            if count:
                well = False
                yield Issue(code, value=str(count), params={"first": str(first)})
    if well:
        yield Issue("doctor_jobs")
