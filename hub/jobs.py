"""Jobs: the table is the truth, a queue only a hint.

A worker takes a job for a lease and is given a fencing number. Whatever it commits compares that
number in the same transaction, so a worker that was thought dead and comes back can't write. A
sweeper returns jobs whose lease has ended.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, exists, insert, or_, select, update

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.database import write
from hub.instant import instant_of, utc_now
from hub.tables import job

FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds until a source that was away is asked again
STRANGE = 10  # times what is longest: so far ahead nobody writes an end
LEASE_SECONDS = 120  # without a sign of life for this long, a job is given to another worker


@dataclass(frozen=True, slots=True)
class Lease:
    """A job in somebody's hands: what to do, and the number that its commit must show."""

    job_id: int
    kind: str
    arguments: Mapping[str, Any]
    fence: int


def submit(
    connection: Connection, kind: str, arguments: Mapping[str, Any], topic: str | None = None
) -> int:
    """A new queued job; returns its id. Jobs of one `topic` aren't done at the same time."""
    row = {
        "topic": topic,
        "kind": kind,
        "arguments": json.dumps(dict(arguments), ensure_ascii=False),
        "state": "queued",
        "created_at": utc_now(),
    }
    key = connection.execute(insert(job).values(row)).inserted_primary_key
    return int(key[0]) if key else 0


def start(
    engine: Engine, kind: str, arguments: Mapping[str, Any], topic: str | None = None
) -> Lease:
    """A new job that its maker does at once: no worker can take it in between.

    Raises Refused (run_busy) while another job of the topic is under way.
    """
    with write(engine) as connection:
        if topic is not None and connection.scalar(select(_busy(topic))):
            raise Refused(Issue("run_busy", value=topic.partition(":")[2]))
        job_id = submit(connection, kind, arguments, topic)
        mine = {"state": "running", "attempts": 1, "fence": 1, "lease_until": _lease_end()}
        connection.execute(update(job).where(job.c.id == job_id).values(mine))
    return Lease(job_id, kind, dict(arguments), fence=1)


def take(engine: Engine, job_id: int) -> Lease | None:
    """The job's lease; None where it is done, failed or in a living worker's hands."""
    now = utc_now()
    queued = (job.c.state == "queued") & _due(now)
    free = or_(queued, (job.c.state == "running") & _ended())
    with write(engine) as connection:
        topic = connection.scalar(select(job.c.topic).where(job.c.id == job_id))
        if topic is not None and connection.scalar(select(_busy(topic, job_id))):
            return None  # it stays queued, and a later sweep finds it
        taken = connection.execute(
            update(job)
            .where(job.c.id == job_id, free)
            .values(
                state="running",
                attempts=job.c.attempts + 1,
                fence=job.c.fence + 1,
                lease_until=_lease_end(),
            )
        )
        if taken.rowcount == 0:
            return None
        row = connection.execute(select(job).where(job.c.id == job_id)).mappings().one()
    return Lease(job_id, row["kind"], json.loads(row["arguments"]), row["fence"])


def renew(engine: Engine, lease: Lease) -> None:
    """A sign of life; raises Refused (run_busy) where another worker has taken the job."""
    with write(engine) as connection:
        _mine(connection, lease, {"lease_until": _lease_end()})


def finish(connection: Connection, lease: Lease, result: Mapping[str, Any]) -> None:
    """Mark the job done in the caller's transaction; raises Refused where the lease was lost."""
    values = {
        "state": "done",
        "ended_at": utc_now(),
        "lease_until": None,
        "result": json.dumps(dict(result), ensure_ascii=False),
    }
    _mine(connection, lease, values)


def fail(engine: Engine, lease: Lease, error: str) -> None:
    """Mark the job failed: it won't be tried again by itself."""
    with write(engine) as connection:
        values = {"state": "failed", "ended_at": utc_now(), "lease_until": None, "error": error}
        _mine(connection, lease, values)


def requeue(engine: Engine, lease: Lease, later: bool = False) -> None:
    """Give an interrupted job back; `later` makes it wait, twice as long after each attempt."""
    with write(engine) as connection:
        values = {"state": "queued", "lease_until": None}
        if later:
            tries = select(job.c.attempts).where(job.c.id == lease.job_id)
            attempts = int(connection.scalar(tries) or 1)
            values["not_before"] = _later(min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT))
        _mine(connection, lease, values)


def retry(connection: Connection, job_id: int) -> None:
    """Queue a failed job again; raises Misdeclared (job_unknown) where there is none."""
    failed = (job.c.id == job_id) & (job.c.state == "failed")
    values = {"state": "queued", "ended_at": None, "error": None, "not_before": None}
    if connection.execute(update(job).where(failed).values(values)).rowcount == 0:
        raise Misdeclared(Issue("job_unknown", value=str(job_id)))


def sweep(engine: Engine) -> list[int]:
    """Requeue jobs whose worker gave no sign of life; returns every queued job that is due."""
    with write(engine) as connection:
        lost = (job.c.state == "running") & _ended()
        connection.execute(update(job).where(lost).values(state="queued", lease_until=None))
        due = (job.c.state == "queued") & _due(utc_now())
        queued = select(job.c.id).where(due).order_by(job.c.id)
        return [int(i) for i in connection.scalars(queued)]


def _mine(connection: Connection, lease: Lease, values: Mapping[str, Any]) -> None:
    still = (job.c.id == lease.job_id) & (job.c.fence == lease.fence) & (job.c.state == "running")
    if connection.execute(update(job).where(still).values(dict(values))).rowcount == 0:
        raise Refused(Issue("run_busy", value=str(lease.arguments)))


def waiting(connection: Connection, topic: str) -> bool:
    """Whether a job of the topic is queued or running already."""
    states = job.c.state.in_(("queued", "running"))
    return bool(connection.scalar(select(exists().where(job.c.topic == topic, states))))


def _ended() -> ColumnElement[bool]:
    """Whether a lease is over. One that ends far later than any can is of a clock that went back since:
    its worker, if it lives, says so again within seconds, and can't commit where it was too late."""
    farthest = _later(max(lease_seconds() * STRANGE, LEASE_SECONDS))
    return (job.c.lease_until < utc_now()) | (job.c.lease_until > farthest)


def _due(now: str) -> ColumnElement[bool]:
    """Whether a queued job needn't wait; far longer than any has to wait none after a clock went back."""
    farthest = _later(LONGEST_WAIT * STRANGE)
    return or_(job.c.not_before.is_(None), job.c.not_before <= now, job.c.not_before > farthest)


def _busy(topic: str, but: int = 0) -> ColumnElement[bool]:
    """Whether another job of the topic is in a living worker's hands."""
    alive = (job.c.state == "running") & ~_ended()
    return exists().where(job.c.topic == topic, job.c.id != but, alive)


def lease_seconds() -> float:
    """For how long a job is somebody's without a sign of life: `HUB_LEASE_SECONDS`."""
    return float(os.environ.get("HUB_LEASE_SECONDS", LEASE_SECONDS))


def _lease_end() -> str:
    return _later(lease_seconds())


def _later(seconds: float) -> str:
    return instant_of(datetime.now(UTC) + timedelta(seconds=seconds))
