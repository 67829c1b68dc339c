"""The schedule: what is due is queued, each feed and each of the hub's own tasks once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from adapters.feed import Feed
from exchange_schemas.issue import Issue
from hub import (
    between_work,
    ckan_targets,
    expiry,
    filing_intake,
    jobs,
    notices,
    release_due,
    subscribing,
)
from hub.analysis import work as analysing
from hub.consumers import hints
from hub.credit import mailing
from hub.database import write
from hub.exchange import receipt_alarms
from hub.feeds import list_feeds, topic
from hub.freshness import OVERDUE, Freshness, freshness, is_due
from hub.leader import Term, hold
from hub.monitoring import alert_due
from hub.outbound import job as delivering
from hub.outbound import return_work
from hub.site import Site

SWEEP = "sweep"  # the topic of the job that ends what is over
FILINGS = "filings"  # the topic of the job that takes in what parties filed
SUBSCRIPTIONS = "subscriptions"  # the topic of the job that tells subscribers of releases


def enqueue_due(
    site: Site, engine: Engine, now: datetime | None = None, term: Term | None = None
) -> list[int]:
    """Queue a job for each feed that is due and has none, and one for what the calendar ends or
    begins; tells owners of overdue feeds once.

    `term` is the caller's, where several could do this: raises Refused (leader_lost) and queues nothing
    where another process leads by now.

    Returns the new jobs.
    """
    now = now or datetime.now(UTC)
    catalogue, made = site.catalogue(), []
    with write(engine) as connection:
        if term is not None:
            hold(connection, term)
        for one in list_feeds(site.feeds):
            # Asked before what it has read is: on PostgreSQL a job may end in between.
            waits = jobs.waiting(connection, topic(one.name))
            found = freshness(connection, one, catalogue, now)
            if found.state == OVERDUE:
                _tell_overdue(connection, one, found)
            if not waits and is_due(one, catalogue, found, now):
                arguments = {"feed": str(one.path)}
                made.append(jobs.submit(connection, "feed_run", arguments, topic(one.name)))
        if not jobs.waiting(connection, SWEEP) and expiry.is_due(connection):
            made.append(jobs.submit(connection, "sweep", {}, SWEEP))
        if not jobs.waiting(connection, FILINGS) and filing_intake.is_waiting(site):
            made.append(jobs.submit(connection, "filings", {}, FILINGS))
        if not jobs.waiting(connection, SUBSCRIPTIONS) and subscribing.is_due(
            site, connection, catalogue
        ):
            made.append(jobs.submit(connection, "subscriptions", {}, SUBSCRIPTIONS))
        made += ckan_targets.enqueue(connection, site, catalogue)
        made += receipt_alarms.enqueue(connection)
        made += hints.enqueue(connection, catalogue)
        made += between_work.enqueue(connection)
        made += return_work.enqueue(connection)
        made += delivering.enqueue(connection, site, catalogue)
        made += alert_due.enqueue(connection)
        made += release_due.enqueue(connection)
        made += analysing.enqueue(connection, site)
        made += mailing.enqueue(connection)
    return made


def _tell_overdue(connection: Connection, one: Feed, found: Freshness) -> None:
    words = {"due": str(found.due_at)}
    issue = Issue("feed_overdue", value=one.name, params=words)
    if not notices.told_since(connection, one.name, issue.code, str(found.taken_at or "")):
        notices.tell(connection, one, issue)
