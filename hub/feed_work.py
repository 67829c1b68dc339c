"""The jobs of feeds: a run, and rows that a person has corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from adapters.delivered import Delivered
from adapters.feed import Feed
from exchange_schemas.catalogue import Catalogue
from hub import after_release, departures, disclosures, jobs, notices, pipeline
from hub.corrected import take_corrected
from hub.database import create_tables
from hub.delivery import Release
from hub.feeds import find_feed
from hub.heartbeat import heartbeat
from hub.held import find_held
from hub.jobs import Lease
from hub.progress import Progress
from hub.publishing import publish_all
from hub.replay import kept_delivery
from hub.site import Site


def run(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
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


def correct(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
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
