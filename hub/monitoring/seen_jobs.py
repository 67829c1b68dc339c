"""Jobs: how many wait, run and failed, how long the oldest waits, and whose worker was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from exchange_schemas.issue import Issue
from hub.instant import instant_of
from hub.monitoring.line import FAULT, OK, WARNING, Line, age
from hub.monitoring.looking import Looking
from hub.tables import job

LAST = 10_000  # jobs among which those that are done are counted
REMEMBERED = timedelta(days=7)  # for which a failed job counts, unless one like it was done since
SLOW, STUCK = 15 * 60, 60 * 60  # seconds that a job may wait: then a warning, then a fault
LOST = 5 * 60  # seconds after the end of a lease at which somebody should have taken the job


@dataclass(frozen=True, slots=True)
class JobsSeen:
    """`counts`: (kind, state) → jobs. `due` ones may be begun now, the oldest since `oldest`.

    `lost` are running without a sign of life, since `lost_since`. `failures`: kind → (jobs without
    a later one that was done, when the first of them failed).
    """

    counts: Mapping[tuple[str, str], int]
    due: int
    oldest: str | None
    lost: int
    lost_since: str | None
    failures: Mapping[str, tuple[int, str]]


def see(at: Looking) -> JobsSeen:
    """All but the done ones are found by an index; those are counted among the last `LAST`."""
    run, now = at.connection, instant_of(at.now)
    last = run.scalar(select(func.max(job.c.id))) or 0
    counted = select(job.c.kind, job.c.state, func.count()).group_by(job.c.kind, job.c.state)
    open_ones = job.c.state.in_(("queued", "running", "failed"))
    recent = (job.c.state == "done") & (job.c.id > last - LAST)
    counts = {
        (kind, state): int(count)
        for part in (open_ones, recent)
        for kind, state, count in run.execute(counted.where(part))
    }
    ready = or_(job.c.not_before.is_(None), job.c.not_before <= now)
    # A job that was put off waits since it was put off.
    since = func.coalesce(job.c.not_before, job.c.created_at)
    queued = run.execute(
        select(func.count(), func.min(since)).where(job.c.state == "queued", ready)
    ).one()
    expired = (job.c.state == "running") & (job.c.lease_until < now)
    lost = run.execute(select(func.count(), func.min(job.c.lease_until)).where(expired)).one()
    return JobsSeen(counts, int(queued[0]), queued[1], int(lost[0]), lost[1], _failures(at))


def _failures(at: Looking) -> dict[str, tuple[int, str]]:
    later = job.alias()
    same = (later.c.kind == job.c.kind) & (
        func.coalesce(later.c.topic, "") == func.coalesce(job.c.topic, "")
    )
    done = select(later.c.id).where(later.c.id > job.c.id, later.c.state == "done", same)
    since = instant_of(at.now - REMEMBERED)
    query = (
        select(job.c.kind, func.count(), func.min(job.c.ended_at))
        .where(job.c.state == "failed", job.c.ended_at >= since, ~done.exists())
        .group_by(job.c.kind)
    )
    return {kind: (int(count), first) for kind, count, first in at.connection.execute(query)}


def lines(found: JobsSeen, now: datetime) -> Iterator[Line]:
    """One for the queue, one for lost workers, and one for each kind that fails."""
    waited = age(found.oldest, now) or 0
    figures = {"queued": found.due, "running": _in_state(found, "running")}
    level = FAULT if waited > STUCK else WARNING if waited > SLOW else OK
    words = {"since": str(found.oldest)}
    waits = Issue("watch_jobs_wait", value=str(found.due), params=words) if level != OK else None
    yield Line("queue", "jobs", level, waits, found.oldest, found.due, figures)
    silent = age(found.lost_since, now) or 0
    level = FAULT if silent > LOST else OK
    words = {"since": str(found.lost_since)}
    gone = Issue("watch_jobs_lost", value=str(found.lost), params=words) if level != OK else None
    yield Line("worker", "leases", level, gone, found.lost_since, found.lost, {"lost": found.lost})
    for kind, (count, first) in sorted(found.failures.items()):
        words = {"count": str(count), "since": first}
        failed = Issue("watch_jobs_failed", value=kind, params=words)
        yield Line("job", kind, FAULT, failed, first, count, {"failed": count})


def _in_state(found: JobsSeen, state: str) -> int:
    return sum(count for (_, one), count in found.counts.items() if one == state)
