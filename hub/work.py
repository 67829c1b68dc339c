"""Doing a job: what a worker, the command line and the demo have in common."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from adapters.delivered import Delivered
from adapters.feed import Feed
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError, Refused, SourceUnavailable, TargetUnavailable
from exchange_schemas.language import LOCALES
from hub import (
    after_release,
    ckan_publishing,
    ckan_targets,
    departures,
    disclosures,
    exchange_work,
    filing_intake,
    impact_job,
    jobs,
    notices,
    pipeline,
    release_work,
    subscribing,
)
from hub.corrected import take_corrected
from hub.database import create_tables, write
from hub.delivery import Release
from hub.exchange import keeping
from hub.feeds import find_feed
from hub.heartbeat import heartbeat
from hub.held import find_held
from hub.jobs import Lease
from hub.misfortune import issue_of, may_pass
from hub.monitoring import alert_due, alert_job
from hub.monitoring.bound import bound
from hub.monitoring.traces import span
from hub.progress import Progress, Silent
from hub.publishing import publish_all
from hub.replay import kept_delivery
from hub.schedule import topic
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
            result = KINDS[lease.kind](site, engine, lease, progress or Silent())
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
    """Queue a job; `kind` is a key of `KINDS`. See `topic_of`."""
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


def _feed_run(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: feed (path or name); accept, reread, restart; file, that a person hands in, and actor,
    who does; run, whose delivery is read again; actor and reason, where that run was held and is released."""
    create_tables(engine)
    catalogue, told = site.catalogue(), lease.arguments
    feed = find_feed(site.feeds, str(told["feed"]))
    again, release = _again(site, engine, feed, told), _release(engine, told)
    delivery = pipeline.deliver(
        site,
        engine,
        catalogue,
        feed,
        accept=bool(told.get("accept") or release),
        release=release,
        reread=bool(told.get("reread") or again),
        restart=bool(told.get("restart")),
        upload=Path(told["file"]) if told.get("file") else None,
        actor=told.get("actor") if told.get("file") else None,
        kind="replay" if again and not release else "pull",
        lease=lease,
        progress=progress,
        alive=_sign_of_life(engine, lease),
        while_pulling=lambda: heartbeat(lambda: jobs.renew(engine, lease)),
    )
    if again is not None:
        delivery.take(again)
    try:
        result = pipeline.run_feed(delivery)
    finally:
        notices.send_to(engine, feed)
    _ask(site, engine, catalogue, progress)
    return result


def _ask(site: Site, engine: Engine, catalogue: Catalogue, progress: Progress) -> None:
    """Ask for approval of what is new, and publish at once where something isn't public any more."""
    progress.step("review")
    disclosures.refresh(engine, catalogue)
    with engine.connect() as connection:
        names = departures.departed(connection)
    if names:
        progress.step("release")
        publish_all(site, engine, catalogue, names)
        after_release.follow(site, engine, catalogue, names)


def _release(engine: Engine, told: Mapping[str, Any]) -> Release | None:
    if not (told.get("run") and told.get("actor")):
        return None
    with engine.connect() as connection:
        waiting = find_held(connection, int(told["run"]))
    return Release(waiting.run_id, str(told["actor"]), str(told["reason"]))


def _correct(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: feed, file (what `corrected_rows.read_rows` reads), actor."""
    create_tables(engine)
    catalogue, told = site.catalogue(), lease.arguments
    feed = find_feed(site.feeds, str(told["feed"]))
    delivery = pipeline.deliver(
        site,
        engine,
        catalogue,
        feed,
        kind="correction",
        actor=str(told["actor"]),
        lease=lease,
        progress=progress,
        alive=_sign_of_life(engine, lease),
    )
    take_corrected(delivery, Path(str(told["file"])))
    result = pipeline.run_feed(delivery)
    _ask(site, engine, catalogue, progress)
    return result


def _again(site: Site, engine: Engine, feed: Feed, told: Mapping[str, Any]) -> Delivered | None:
    """The kept delivery that is to be read; None: the source is pulled."""
    if not told.get("run"):
        return None
    with engine.connect() as connection:
        return kept_delivery(connection, site, feed.name, int(told["run"]))[1]


def _sign_of_life(engine: Engine, lease: Lease) -> Callable[[], None]:
    """Renews the lease, but for SQLite: there the run holds the one write lock, so that nobody can
    take the job from it while it lives."""
    if engine.dialect.name == "sqlite":
        return lambda: None
    return lambda: jobs.renew(engine, lease)


def _filings(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Take in what parties filed on the portal, and tell it what became of their filings."""
    progress.step("filings")
    result = filing_intake.take_in(site, engine, site.catalogue())
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def _subscriptions(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Tell subscribers of new releases, and take in what readers asked for on the portal."""
    progress.step("subscriptions")
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = subscribing.serve_subscribers(site, engine, site.catalogue())
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


KINDS: dict[str, Callable[[Site, Engine, Lease, Progress], dict[str, Any]]] = {
    "feed_run": _feed_run,
    "correction": _correct,
    "filings": _filings,
    "subscriptions": _subscriptions,
    ckan_targets.KIND: ckan_publishing.do_job,
    keeping.KIND: keeping.do_job,
    alert_due.KIND: alert_job.do_job,
    impact_job.KIND: impact_job.find_impact,
    **release_work.KINDS,
    **exchange_work.KINDS,
}
