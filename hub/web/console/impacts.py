"""What a proposed version of a standard would do: asked of a worker, and shown once it is found."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import impact_job, jobs
from hub.database import write
from hub.site import Site
from hub.tables import job

AMONG = 10_000  # of the last jobs it is looked for


def proposals(site: Site, newest: Standard) -> list[str]:
    """What can be asked for: "" for the site's folder of a proposed standard, and other versions."""
    place = impact_job.folder(site, newest.department, newest.dataset)
    there = [""] if (place / "standard.yml").is_file() else []
    return there + [version for version in newest.versions if version != newest.version]


def ask(site: Site, engine: Engine, newest: Standard, proposal: str) -> int:
    """Queue the job; returns it. One that waits already does. Raises Misdeclared (proposal_wrong)."""
    if proposal not in proposals(site, newest):
        words = {"dataset": newest.dataset}
        raise Misdeclared(Issue("proposal_wrong", value=proposal[:32], params=words))
    topic = impact_job.topic(newest.dataset)
    waiting = (job.c.kind == impact_job.KIND) & (job.c.topic == topic) & (job.c.state == "queued")
    with write(engine) as connection:
        known = connection.scalar(select(job.c.id).where(waiting).limit(1))
        arguments = {"dataset": newest.dataset, "proposal": proposal}
        return known or jobs.submit(connection, impact_job.KIND, arguments, topic)


def last(connection: Connection, dataset: str, *, with_samples: bool) -> dict[str, Any] | None:
    """The last one that was asked for: {state, created_at, ended_at, error, found}; None: none was.

    Values of records, as samples, are for who acts for the standard's department.
    """
    mine = (job.c.topic == impact_job.topic(dataset)) & (job.c.kind == impact_job.KIND)
    mine &= job.c.id > (connection.scalar(select(func.max(job.c.id))) or 0) - AMONG
    newest = select(job).where(mine).order_by(job.c.id.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    if row is None:
        return None
    found = json.loads(row["result"]) if row["result"] else None
    if found and not with_samples:
        for one in found["fields"]:
            one["samples"] = []
    names = ("state", "created_at", "ended_at", "error")
    return {**{name: row[name] for name in names}, "found": found}
