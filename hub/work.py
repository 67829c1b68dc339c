"""Doing a job: what a worker, the command line and the demo have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

from exchange_schemas.errors import HubError, Refused, SourceUnavailable, TargetUnavailable
from exchange_schemas.language import LOCALES
from hub import job_kinds, jobs
from hub.database import write
from hub.feeds import find_feed, topic
from hub.jobs import Lease
from hub.misfortune import issue_of, may_pass
from hub.monitoring.bound import bound
from hub.monitoring.traces import span
from hub.progress import Progress, Silent
from hub.site import Site

logger = logging.getLogger(__name__)


def work(
    site: Site, engine: Engine, job_id: int, progress: Progress | None = None
) -> dict[str, Any] | None:
    """Do a job; returns its result, or None where it is done or in other hands.

    Safe to call again for the same job: only the holder of the lease can commit, and whatever a
    dead worker had begun is done anew. A source that can't be reached gives the job back, any
    other error marks it failed; both are raised.
    """
    lease = jobs.take(engine, job_id)
    return None if lease is None else _do(site, engine, lease, progress, again=True)


def work_now(
    site: Site,
    engine: Engine,
    kind: str,
    arguments: Mapping[str, Any],
    progress: Progress | None = None,
    topic: str | None = None,
) -> dict[str, Any]:
    """Make a job and do it at once, in this process. Any error marks it failed and is raised.

    Without a `topic` it has the one of its feed, if it has one.
    """
    lease = jobs.start(engine, kind, arguments, topic or topic_of(site, arguments))
    return _do(site, engine, lease, progress, again=False)


def _do(
    site: Site, engine: Engine, lease: Lease, progress: Progress | None, *, again: bool
) -> dict[str, Any]:
    """`again` says whether a job that was interrupted, couldn't reach its source, or met a full disk or
    a lost database, is kept."""
    begin = time.perf_counter()
    try:
        with (
            bound(job=lease.job_id, kind=lease.kind),
            span("job", job=lease.job_id, kind=lease.kind),
        ):
            result = job_kinds.find(lease.kind)(site, engine, lease, progress or Silent())
            logger.info("job done", extra={"seconds": round(time.perf_counter() - begin, 3)})
            return result
    except BaseException as error:
        with suppress(Refused):  # the job may be done already; the first error counts
            ended = not isinstance(error, Exception)  # Ctrl-C, or the worker is told to stop
            away = isinstance(error, (SourceUnavailable, TargetUnavailable)) or may_pass(error)
            if again and (ended or away):
                jobs.requeue(engine, lease, later=not ended)
            else:
                jobs.fail(engine, lease, _told(error))
        raise


def _told(error: BaseException) -> str:
    """What a job keeps of an error, in Chinese and English: of a foreign one its kind, because its text
    may have a record's values."""
    issue = error.issue if isinstance(error, HubError) else issue_of(error)
    if issue is None:
        return type(error).__name__
    return "\n".join(issue.message(locale) for locale in LOCALES)


def submit(
    engine: Engine, kind: str, arguments: Mapping[str, Any], topic: str | None = None
) -> int:
    """Queue a job; `kind` is one of `job_kinds.PLACES`. See `topic_of`."""
    with write(engine) as connection:
        return jobs.submit(connection, kind, arguments, topic)


def topic_of(site: Site, arguments: Mapping[str, Any]) -> str | None:
    """What two jobs mustn't work on at the same time: one feed."""
    if "feed" not in arguments:
        return None
    try:
        return topic(find_feed(site.feeds, str(arguments["feed"])).name)
    except HubError:  # the job itself will say what is wrong with the feed
        return None
