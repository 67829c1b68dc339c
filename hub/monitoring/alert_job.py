"""The job that watches: looks at everything, notes what has changed, and tells it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete

from hub import jobs
from hub.database import write
from hub.heartbeat import heartbeat
from hub.instant import instant_of
from hub.jobs import Lease
from hub.monitoring import alert_book, certificates
from hub.monitoring.alert_due import KIND
from hub.monitoring.alert_sending import send_due
from hub.monitoring.alert_ways import ways
from hub.monitoring.status import look
from hub.monitoring.tables import SENT, alert_message
from hub.progress import Progress
from hub.site import Site
from hub.tables import job
from publisher.portal.settings import read_settings

KEPT = timedelta(days=2)  # for which done jobs of this kind are kept: there is one every minute
REMEMBERED = timedelta(days=184)  # for which messages that were sent are


def do_job(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Safe to repeat, and by several at once: each change is noted once, each message claimed by one."""
    progress.step("alerts")
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = check(site, engine, datetime.now(UTC))
    with write(engine) as connection:
        _forget(connection, datetime.now(UTC))
        jobs.finish(connection, lease, result)
    return result


def check(site: Site, engine: Engine, now: datetime) -> dict[str, Any]:
    """Look, note and tell; returns {faults, changes, sent, failed, given_up}.

    Raises Misdeclared where a setting is wrong.
    """
    named = ways()
    certificates.watch(engine, now)
    status = look(site, engine, site.catalogue(), now)
    told = alert_book.note(engine, status, named, now)
    place = read_settings(site.portal_settings, os.environ).place_zh
    return {
        "faults": status.counts()["fault"],
        "changes": len(told),
        **send_due(engine, place, now),
    }


def _forget(connection: Connection, now: datetime) -> None:
    done = (job.c.kind == KIND) & (job.c.state == "done")
    connection.execute(delete(job).where(done, job.c.ended_at < instant_of(now - KEPT)))
    sent = (alert_message.c.state == SENT) & (
        alert_message.c.ended_at < instant_of(now - REMEMBERED)
    )
    connection.execute(delete(alert_message).where(sent))
