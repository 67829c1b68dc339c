"""The feeds of the departments for which who asks has a role, and the jobs that are queued for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.feed import Feed
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import jobs
from hub.audit.acting import tell
from hub.database import write
from hub.declared_feeds import declared_feeds
from hub.feed_departments import department_of
from hub.feeds import topic
from hub.web.console.console import Console
from hub.web.console.visit import Visit


def own_feeds(console: Console, visit: Visit, *roles: str) -> dict[str, Feed]:
    """Name → feed, of the departments for which they have one of the roles."""
    mine, catalogue = visit.departments(*roles), console.catalogue()
    found = declared_feeds(console.site.feeds).feeds
    return {name: one for name, one in found.items() if department_of(one, catalogue) in mine}


def feed_called(console: Console, name: str) -> Feed:
    """The site's feed; raises Misdeclared (feed_unknown)."""
    found = declared_feeds(console.site.feeds).feeds.get(name)
    if found is None:
        raise Misdeclared(Issue("feed_unknown", value=name))
    return found


def standard_of(console: Console, feed: Feed) -> Standard:
    """The feed's standard; raises Misdeclared as `Catalogue.get`."""
    return console.catalogue().get(feed.standard, feed.version)


def queue(console: Console, feed: Feed, kind: str, arguments: Mapping[str, Any]) -> int:
    """Have a worker do something with the feed; returns the job. Raises Refused (feed_waiting) while
    something is waiting to be done with it already: what is queued twice would be done twice."""
    mine = topic(feed.name)
    told = {"feed": str(feed.path), **arguments}
    with write(console.engine) as connection:
        if jobs.waiting(connection, mine):
            raise Refused(Issue("feed_waiting", value=feed.name))
        number = jobs.submit(connection, kind, told, mine)
        tell(feed=feed.name, job=number)
    if console.site.broker_url is not None:
        from hub.tasks import enqueue  # Celery is imported only where a queue is used

        enqueue(console.site, number)
    return number
