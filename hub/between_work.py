"""The job between departments: routes new tickets, reminds and escalates, writes the case feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from hub import jobs
from hub.complaints import acting as complaints
from hub.complaints import routing
from hub.complaints import watching as complaints_watching
from hub.database import create_tables, write
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import job
from hub.tables_of_terms import step_due
from hub.terms import as_text
from hub.transfers import acting as transfers
from hub.transfers import feed as case_feed
from hub.transfers import watching as transfers_watching

KIND = "between"  # of the job, and its topic
EVERY = timedelta(minutes=15)  # how often terms under way are looked at


def enqueue(connection: Connection) -> list[int]:
    """Queue the job where there are new tickets, or terms under way weren't looked at lately."""
    if jobs.waiting(connection, KIND) or not (routing.waiting(connection) or _is_due(connection)):
        return []
    return [jobs.submit(connection, KIND, {}, KIND)]


def _is_due(connection: Connection) -> bool:
    opened = select(step_due.c.id).where(step_due.c.met_at.is_(None)).limit(1)
    if connection.execute(opened).first() is None:
        return False
    since = as_text(datetime.now(UTC) - EVERY)
    recent = select(job.c.id).where(job.c.kind == KIND, job.c.created_at >= since).limit(1)
    return connection.execute(recent).first() is None


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Safe to repeat: tickets are taken once, each term is reminded of and escalated once."""
    create_tables(engine)
    progress.step("complaints")
    desk = complaints.desk(site, engine)
    with write(engine) as connection:
        taken = routing.route(connection, site, desk.terms)
    watched = complaints_watching.sweep(desk)
    progress.step("transfers")
    office = transfers.office(site, engine)
    reminded = transfers_watching.sweep(office)
    written = case_feed.write_feed(office)
    result = {
        "complaints": {**taken, **watched},
        "transfers": {**reminded, "cases": written},
    }
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result
