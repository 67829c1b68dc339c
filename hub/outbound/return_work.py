"""The job that follows what the province returned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine

from hub import jobs
from hub.database import create_tables, write
from hub.jobs import Lease
from hub.outbound.returns import behind, follow
from hub.progress import Progress
from hub.site import Site

KIND = "provincial_returns"


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """It has no arguments; the result says how many tasks were opened."""
    create_tables(engine)
    progress.step("returns")
    opened = 0
    with write(engine) as connection:
        while behind(connection):
            opened += follow(connection, site.catalogue())
        jobs.finish(connection, lease, {"opened": opened})
    return {"opened": opened}


def enqueue(connection: Connection) -> list[int]:
    """Queue the job where something was returned since; returns the new jobs."""
    if jobs.waiting(connection, KIND) or not behind(connection):
        return []
    return [jobs.submit(connection, KIND, {}, KIND)]
