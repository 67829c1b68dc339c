"""Doing a job: what a worker, the command line and the demo have in common."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from adapters.delivered import Delivered
from adapters.feed import Feed
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import HubError, Refused, SourceUnavailable, TargetUnavailable
from exchange_schemas.law_check import law_issues
from hub import (
    after_release,
    ckan_publishing,
    ckan_targets,
    departures,
    disclosures,
    exchange_work,
    expiry,
    filing_intake,
    jobs,
    notices,
    pipeline,
    subscribing,
)
from hub.corrected import take_corrected
from hub.database import create_tables, write
from hub.delivery import Release
from hub.exchange import keeping, released
from hub.feeds import find_feed
from hub.heartbeat import heartbeat
from hub.held import find_held
from hub.jobs import Lease
from hub.policies import apply_all
from hub.progress import Progress, Silent
from hub.publishing import publish_all
from hub.replay import kept_delivery
from hub.schedule import topic
from hub.site import Site
from hub.workbook_job import make_workbooks, without_workbook
from publisher.release import finish_erasures

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
    """`again` says whether a job that was interrupted, or couldn't reach its source, is kept."""
    try:
        return KINDS[lease.kind](site, engine, lease, progress or Silent())
    except BaseException as error:
        with suppress(Refused):  # the job may be done already; the first error counts
            ended = not isinstance(error, Exception)  # Ctrl-C, or the worker is told to stop
            if again and (ended or isinstance(error, (SourceUnavailable, TargetUnavailable))):
                jobs.requeue(engine, lease, later=not ended)
            else:
                jobs.fail(engine, lease, _told(error))
        raise


def _told(error: BaseException) -> str:
    """What a job keeps of an error: of a foreign one its kind, because its text may have a
    record's values."""
    return error.issue.message("en") if isinstance(error, HubError) else type(error).__name__


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
    """Arguments: feed (path or name); accept, reread, restart; file, that a person hands in; run,
    whose delivery is read again; actor and reason, where that run was held and is released."""
    create_tables(engine)  # a site that is older than one of them
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
    """Arguments: feed, file (a corrected workbook), actor."""
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
        if without_workbook(site, site.catalogue()):
            jobs.submit(connection, "workbooks", {}, "workbooks")
        jobs.finish(connection, lease, result)
    after_release.follow(site, engine, site.catalogue(), list(made))
    return result


def _sweep(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """End what is over today, and publish the datasets that show it or have something that begins.

    What is wrong with the law in force, and that its calendar ends soon, is logged every day.
    """
    create_tables(engine)
    catalogue = site.catalogue()
    for issue in law_issues(catalogue.law(), today()):
        logger.warning("law: %s: %s", issue.code, issue.message("en"))
    progress.step("expiry")
    ended = expiry.sweep(engine)
    with write(engine) as connection:
        apply_all(connection, catalogue, today())  # those that begin today
    progress.step("release")
    made = publish_all(site, engine, catalogue, list(ended)) if ended else {}
    for folder in site.releases.iterdir():
        finish_erasures(site.releases, folder.name)  # what a process that died has left
    released.take_back(site, engine)
    result = {
        name: {"expired": count, "release": made[name].number if name in made else None}
        for name, count in ended.items()
    }
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    after_release.follow(site, engine, catalogue, catalogue.datasets())
    return result


def _workbooks(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Make the Excel workbooks that releases of large datasets don't have yet."""
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = make_workbooks(site, site.catalogue(), progress)
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


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
    "publish": _publish,
    "sweep": _sweep,
    "workbooks": _workbooks,
    "filings": _filings,
    "subscriptions": _subscriptions,
    ckan_targets.KIND: ckan_publishing.do_job,
    keeping.KIND: keeping.do_job,
    **exchange_work.KINDS,
}
