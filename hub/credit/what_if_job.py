"""The job that finds what a proposed version would change, and the last one that was asked for.

Its list of subjects is a file beside the facts, for the government only; it may be thrown away.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, func, select

from exchange_schemas.credit_rules import load_rules
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import jobs
from hub.analysis.inputs import Inputs
from hub.credit import kept_facts
from hub.credit.versions import text_of
from hub.credit.what_if import COLUMNS, what_if
from hub.database import write
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site
from hub.tables import job

KIND = "credit_what_if"
SHOWN = 100  # subjects in the job's result; the file has all
AMONG = 10_000  # of the last jobs it is looked for


def topic(number: int) -> str:
    """One at a time of a proposal."""
    return f"{KIND}:{number}"


def ask(connection: Connection, number: int, day: date) -> int:
    """Queue the job for a proposal and a day; raises Misdeclared (credit_version_unknown)."""
    text_of(connection, number)
    return jobs.submit(connection, KIND, {"number": number, "day": str(day)}, topic(number))


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: number of the proposal, day."""
    number, day = int(lease.arguments["number"]), date.fromisoformat(str(lease.arguments["day"]))
    with engine.connect() as connection:
        rules = load_rules(text_of(connection, number))
    with heartbeat(lambda: jobs.renew(engine, lease)):
        inputs = Inputs(site, engine, site.catalogue(), day, progress=progress)
        found = what_if(inputs, rules, day)
    _file(site, number).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found.changed.write_parquet(_file(site, number))
    result = {
        "day": str(day),
        "before": found.before,
        "after": found.after,
        "subjects": found.subjects,
        "changed": found.changed.height,
        "classes": found.classes(),
        "moves": sorted(([*pair, count] for pair, count in found.counts.items()), key=str),
        "shown": found.changed.head(SHOWN).rows(),
    }
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def changed(site: Site, number: int) -> pl.DataFrame:
    """All subjects (`what_if.COLUMNS`) that the last one found; raises Misdeclared (credit_version_unknown)."""
    try:
        return pl.read_parquet(_file(site, number)).select(COLUMNS)
    except FileNotFoundError:
        raise Misdeclared(Issue("credit_version_unknown", value=str(number))) from None


def last(connection: Connection, number: int) -> dict[str, Any] | None:
    """The last one that was asked for: {state, created_at, error, found}; None: none was."""
    mine = (job.c.topic == topic(number)) & (job.c.kind == KIND)
    mine &= job.c.id > (connection.scalar(select(func.max(job.c.id))) or 0) - AMONG
    newest = select(job).where(mine).order_by(job.c.id.desc()).limit(1)
    row = connection.execute(newest).mappings().one_or_none()
    if row is None:
        return None
    found = json.loads(row["result"]) if row["result"] else None
    return {**{name: row[name] for name in ("state", "created_at", "error")}, "found": found}


def _file(site: Site, number: int) -> Path:
    return kept_facts.folder_of(site) / f"what-if-{number}.pq"
