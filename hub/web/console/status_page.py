"""The operator's status: what the hub does, what is wrong, and what to do; and failed jobs tried again.

Looking takes a while on a large site, so what was seen is shown to all for some seconds.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from flask import request, url_for
from sqlalchemy import Connection, select

from hub import database, jobs
from hub.monitoring.line import OK, Line
from hub.monitoring.redaction import clean, secrets_in
from hub.monitoring.status import Status, look
from hub.tables import job
from hub.web.console.after_acts import hint
from hub.web.console.console import WATCHING, Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import SYSTEM_ONLY
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

KEPT = 10.0  # seconds for which what was seen is shown
FAILED = 50  # failed jobs that are listed
REFRESH = 60  # seconds after which the browser asks again
LEVELS = {"ok": "in order", "warning": "warning", "fault": "fault"}
#: Title of a part of the page → the parts of the status that stand there.
GROUPS = (
    ("Data sources", ("feed", "held")),
    ("Jobs and workers", ("queue", "worker", "job")),
    ("Disclosures and releases", ("overdue", "due", "release")),
    ("Exchange with others", ("consumer", "receipts", "webhooks", "target")),
    ("Machine and upkeep",
     ("disk", "certificate", "calendar", "backup", "sign_in", "alerts", "schema", "unseen")),
)  # fmt: skip


class Looked:
    """What was seen last."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._seen: tuple[float, Status] | None = None

    def status(self) -> Status:
        """The status, at most `KEPT` seconds old; one request looks, others wait for it."""
        with self._lock:
            if self._seen is None or time.monotonic() - self._seen[0] > KEPT:
                console = self._console
                found = look(console.site, console.engine, console.catalogue())
                self._seen = time.monotonic(), found
            return self._seen[1]

    def forget(self) -> None:
        """Look again at the next request."""
        self._seen = None


def add_status(console: Console) -> None:
    """Put the page and its act on the console."""
    looked = Looked(console)

    @console.page("/status", SYSTEM_ONLY)
    def status(_visit: Visit) -> Answer:
        found = looked.status()
        with database.look(console.engine) as connection:
            failed = _failed(connection)
        # Only for who wants it: a page that changes by itself is in the way of many (WCAG 2.2, 2.2.1).
        watching = f"{url_for('status_page.status')}?{WATCHING}=1"
        refresh = f"{REFRESH};url={watching}" if WATCHING in request.args else None
        values = {"refresh": refresh, "watching": watching, "failed": failed, "levels": LEVELS}
        return page("status.html", status=found, groups=_grouped(found), **values)

    @console.act("/status/jobs/<int:number>/retry", SYSTEM_ONLY, "job.retry")
    def retry(_visit: Visit, number: int) -> Answer:
        with database.write(console.engine) as connection:
            jobs.retry(connection, number)
        hint(console, number)
        looked.forget()
        say(speech(console).text("Job {number} is queued again.", number=number))
        return see("status_page.status")


def _grouped(found: Status) -> list[tuple[str, list[Line], list[Line]]]:
    """(title, what is wrong, what is in order) of each part of the page."""
    told = []
    for title, parts in GROUPS:
        lines = found.of(*parts)
        wrong = [line for line in lines if line.level != OK]
        told.append((title, wrong, [line for line in lines if line.level == OK]))
    return told


def _failed(connection: Connection) -> list[dict[str, Any]]:
    """The last failed jobs. Their errors are the hub's own words, or the kind of a foreign error."""
    columns = (job.c.id, job.c.kind, job.c.topic, job.c.attempts, job.c.ended_at, job.c.error)
    query = select(*columns).where(job.c.state == "failed").order_by(job.c.id.desc()).limit(FAILED)
    secrets = secrets_in(os.environ)
    return [
        {
            **{str(name): one for name, one in row.items()},
            "error": clean(row["error"] or "", secrets),
        }
        for row in connection.execute(query).mappings()
    ]
