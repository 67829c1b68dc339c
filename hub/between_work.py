"""The job between departments: routes new tickets, reminds and escalates, writes the case feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from hub import jobs
from hub.complaints import routing, splitting
from hub.complaints import watching as complaints_watching
from hub.database import create_tables, write
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import job
from hub.tables_of_terms import step_due, step_notice
from hub.terms import as_text, office
from hub.transfers import feed as case_feed
from hub.transfers import watching as transfers_watching

KIND = "between"  # of the job, and its topic
EVERY = timedelta(minutes=15)  # how often terms under way are looked at


def enqueue(connection: Connection) -> list[int]:
    """Queue the job where there are new tickets; or where there is something to look at since the last,
    which was not lately."""
    if jobs.waiting(connection, KIND) or not (routing.waiting(connection) or _is_due(connection)):
        return []
    return [jobs.submit(connection, KIND, {}, KIND)]


def _is_due(connection: Connection) -> bool:
    """Terms under way; or steps, of which the last of a case leaves none: each has its notice."""
    last = connection.scalar(select(func.max(job.c.created_at)).where(job.c.kind == KIND)) or ""
    if last >= as_text(datetime.now(UTC) - EVERY):
        return False
    opened = select(step_due.c.id).where(step_due.c.met_at.is_(None)).limit(1)
    newest = select(step_notice.c.created_at).order_by(step_notice.c.id.desc()).limit(1)
    stirred = connection.scalar(newest) or ""
    return connection.scalar(opened) is not None or (stirred != "" and stirred >= last)


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Safe to repeat: tickets are taken once, each term is reminded of and escalated once."""
    create_tables(engine)
    progress.step("complaints")
    at = office(site, engine)
    splitting.enter_parts(site, engine, at.catalogue)  # of a decision whose process was killed
    with write(engine) as connection:
        taken = routing.route(connection, site, at.terms)
    watched = complaints_watching.sweep(at)
    progress.step("transfers")
    reminded = transfers_watching.sweep(at)
    written = case_feed.write_feed(at)
    result = {
        "complaints": {**taken, **watched},
        "transfers": {**reminded, "cases": written},
    }
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result
