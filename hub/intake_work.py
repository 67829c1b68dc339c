"""The jobs of what comes from the portal: filings of parties, and what subscribers asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from hub import filing_intake, jobs, subscribing
from hub.database import write
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.progress import Progress
from hub.site import Site


def filings(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Take in what parties filed on the portal, and tell it what became of their filings."""
    progress.step("filings")
    result = filing_intake.take_in(site, engine, site.catalogue())
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def subscriptions(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Tell subscribers of new releases, and take in what readers asked for on the portal."""
    progress.step("subscriptions")
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = subscribing.serve_subscribers(site, engine, site.catalogue())
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result
