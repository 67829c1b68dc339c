"""Doing a job: what a worker, the command line and the demo have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

from exchange_schemas.errors import HubError, Refused, SourceUnavailable
from hub import disclosures, jobs, pipeline
from hub.database import write
from hub.feeds import find_feed
from hub.jobs import Lease
from hub.progress import Progress, Silent
from hub.publishing import publish_all
from hub.site import Site


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
) -> dict[str, Any]:
    """Make a job and do it at once, in this process. Any error marks it failed and is raised."""
    return _do(site, engine, jobs.start(engine, kind, arguments), progress, again=False)


def _do(
    site: Site, engine: Engine, lease: Lease, progress: Progress | None, *, again: bool
) -> dict[str, Any]:
    """`again` says whether a job that was interrupted, or couldn't reach its source, is kept."""
    try:
        return KINDS[lease.kind](site, engine, lease, progress or Silent())
    except BaseException as error:
        with suppress(Refused):  # the job may be done already; the first error counts
            ended = not isinstance(error, Exception)  # Ctrl-C, or the worker is told to stop
            if again and (ended or isinstance(error, SourceUnavailable)):
                jobs.requeue(engine, lease)
            else:
                jobs.fail(engine, lease, _told(error))
        raise


def _told(error: BaseException) -> str:
    """What a job keeps of an error: of a foreign one its kind, because its text may have a
    record's values."""
    return error.issue.message("en") if isinstance(error, HubError) else type(error).__name__


def submit(engine: Engine, kind: str, arguments: Mapping[str, Any]) -> int:
    """Queue a job; `kind` is a key of `KINDS`."""
    with write(engine) as connection:
        return jobs.submit(connection, kind, arguments)


def _feed_run(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    catalogue = site.catalogue()
    feed = find_feed(site.feeds, str(lease.arguments["feed"]))
    delivery = pipeline.deliver(
        site,
        engine,
        catalogue,
        feed,
        accept=bool(lease.arguments.get("accept")),
        reread=bool(lease.arguments.get("reread")),
        lease=lease,
        progress=progress,
        alive=_sign_of_life(engine, lease),
    )
    result = pipeline.run_feed(delivery)
    progress.step("review")
    disclosures.refresh(engine, catalogue)
    return result


def _sign_of_life(engine: Engine, lease: Lease) -> Callable[[], None]:
    """Renews the lease, but for SQLite: there the run holds the one write lock, so that nobody can
    take the job from it while it lives."""
    if engine.dialect.name == "sqlite":
        return lambda: None
    return lambda: jobs.renew(engine, lease)


def _publish(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    progress.step("release")
    names = lease.arguments.get("datasets")
    made = publish_all(site, engine, site.catalogue(), names)
    result: dict[str, dict[str, Any]] = {
        name: {"release": r.number, **r.counts, "files": [file.name for file in r.files]}
        for name, r in made.items()
    }
    with write(engine) as connection:
        for name, told in result.items():
            if lost := disclosures.untranslated(connection, name):
                told["untranslated"] = lost
        jobs.finish(connection, lease, result)
    return result


KINDS: dict[str, Callable[[Site, Engine, Lease, Progress], dict[str, Any]]] = {
    "feed_run": _feed_run,
    "publish": _publish,
}
