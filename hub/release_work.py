"""The jobs of releases: publish, end what is over today, make the workbooks of large datasets."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Engine

from exchange_schemas.days import today
from exchange_schemas.law_check import law_issues
from hub import after_release, disclosures, expiry, file_parts, jobs, uploads
from hub.database import create_tables, write
from hub.exchange import released
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.policies import apply_all
from hub.progress import Progress
from hub.publishing import publish_all
from hub.site import Site
from hub.storage import pushing
from hub.workbook_job import make_workbooks, without_workbook
from publisher.release import finish_erasures

logger = logging.getLogger(__name__)


def publish(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: datasets, or all. The next release of what is approved."""
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


def sweep(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """End what is over today, and publish the datasets that show it or have something that begins.

    What is wrong with the law in force, and that its calendar ends soon, is logged every day by its code.
    """
    create_tables(engine)
    catalogue = site.catalogue()
    for issue in law_issues(catalogue.law(), today()):
        logger.warning("law: %s", issue.code)
    progress.step("expiry")
    ended = expiry.sweep(engine)
    with write(engine) as connection:
        apply_all(connection, catalogue, today())  # those that begin today
    progress.step("release")
    made = publish_all(site, engine, catalogue, list(ended)) if ended else {}
    for folder in site.releases.iterdir():
        finish_erasures(site.releases, folder.name)  # what a process that died has left
    released.take_back(site, engine)
    uploads.clean(site)
    file_parts.clean(site)
    result = {
        name: {"expired": count, "release": made[name].number if name in made else None}
        for name, count in ended.items()
    }
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    after_release.follow(site, engine, catalogue, catalogue.datasets())
    return result


def workbooks(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Make the Excel workbooks that releases of large datasets don't have yet."""
    with heartbeat(lambda: jobs.renew(engine, lease)):
        result = make_workbooks(site, site.catalogue(), progress)
        pushing.note(site, *result)
        pushing.push_noted(site)
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result
