"""The job that delivers to one target, and when it is due."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import HubError
from hub import jobs
from hub.database import create_tables, write
from hub.exchange.views import view_for
from hub.grants.grant import grant_of
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.monitoring.traces import span
from hub.outbound.delivering import deliver
from hub.outbound.desk import consumer_of, open_desk, state_of
from hub.outbound.still_held import issues as still_held
from hub.outbound.target import Target, find_target, list_targets
from hub.outbound.waiting import is_due
from hub.progress import Progress
from hub.site import Site

logger = logging.getLogger(__name__)

KIND = "deliver"


def topic(target: str) -> str:
    """What two rounds of one target have in common: they don't happen at the same time."""
    return f"target:{target}"


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: target. A province that is away isn't the job's failure: the schedule asks again."""
    create_tables(engine)
    target = find_target(site.targets, str(lease.arguments["target"]))
    desk = open_desk(site, engine, site.catalogue(), target, progress)
    with heartbeat(lambda: jobs.renew(engine, lease)), span("delivery", target=target.name):
        done = deliver(desk)
    if done.error is not None:
        logger.warning("target %s: %s", target.name, done.error.issue.code)
    with write(engine) as connection:
        for issue in still_held(connection, target):
            logger.warning("target %s: %s", target.name, issue.code)
        jobs.finish(connection, lease, done.told())
    return done.told()


def enqueue(connection: Connection, site: Site, catalogue: Catalogue) -> list[int]:
    """Queue a job for each target that has something to deliver or to ask and has none; returns the new
    jobs. A declaration that is wrong stops nothing else: it is logged."""
    made = []
    try:
        targets = list_targets(site.targets)
    except HubError as error:
        logger.warning("targets: %s", error.issue.code)
        return []
    now = datetime.now(UTC)
    for target in targets:
        if jobs.waiting(connection, topic(target.name)):
            continue
        if _is_due(connection, catalogue, target, now):
            arguments = {"target": target.name}
            made.append(jobs.submit(connection, KIND, arguments, topic(target.name)))
    return made


def _is_due(connection: Connection, catalogue: Catalogue, target: Target, now: datetime) -> bool:
    """A target that was never used is due at once; one whose consumer has no grant never."""
    try:
        consumer = consumer_of(connection, target)
        grant = grant_of(connection, consumer, target.dataset, today())
        if grant is None:
            return False
        view = view_for(connection, catalogue, consumer, grant)
    except HubError as error:
        logger.warning("target %s: %s", target.name, error.issue.code)
        return False
    state = state_of(connection, target.name)
    return state is None or is_due(connection, target, view, state, now)
