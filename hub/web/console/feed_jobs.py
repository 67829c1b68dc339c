"""What is being done with a feed: how far a job is, and what came of it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, RowMapping

from hub import quarantine, run_pages
from hub.database import look
from hub.feeds import topic
from hub.web.console import owners
from hub.web.console.console import Answer, Console
from hub.web.console.feeds import READERS
from hub.web.console.own_feeds import feed_called
from hub.web.console.policy import of_roles
from hub.web.console.rendering import page
from hub.web.console.visit import Visit

_SHOWN = 50  # rows of a correction that were rejected again


def add_feed_jobs(console: Console) -> None:
    """Put the page on the console."""

    @console.page(
        "/feeds/<name>/jobs/<int:number>", of_roles(*READERS, owner=owners.of_feed(console))
    )
    def job(_visit: Visit, name: str, number: int) -> Answer:
        feed = feed_called(console, name)
        with look(console.engine) as connection:
            found = run_pages.find_job(connection, number, topic(name))
            result = _result(found)
            still = _still_wrong(connection, found, result)
        return page("feed_job.html", feed=feed, job=found, result=result, still=still)


def _result(found: RowMapping) -> dict[str, Any] | None:
    return json.loads(found["result"]) if found["result"] else None


def _still_wrong(
    connection: Connection, found: RowMapping, result: dict[str, Any] | None
) -> list[quarantine.RejectedRow]:
    """The rows of a correction that were rejected again."""
    if found["kind"] != "correction" or not result or not result.get("rejected"):
        return []
    return quarantine.of_run(connection, int(result["run"]))[:_SHOWN]
