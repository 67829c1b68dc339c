"""The CKANs of a site, and which of them is behind."""

from __future__ import annotations

import logging
import os

from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue
from hub import jobs
from hub.ckan_copies import copies, may_try
from hub.site import Site
from publisher.ckan.target import CkanTarget, read_targets
from publisher.manifest import Release
from publisher.portal.settings import read_settings
from publisher.release import current_release

logger = logging.getLogger(__name__)

KIND = "ckan"  # of the job


def targets(site: Site) -> dict[str, CkanTarget]:
    """The CKANs of a site by name; raises Misdeclared where its settings are wrong."""
    if not site.ckan_settings.is_file():
        return {}
    return read_targets(
        site.ckan_settings, read_settings(site.portal_settings, os.environ).base_url
    )


def find_target(site: Site, name: str | None) -> CkanTarget:
    """One CKAN, or the only one; raises Misdeclared (ckan_target_unknown)."""
    known = targets(site)
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        words = {"known": ", ".join(known) or "–"}
        raise Misdeclared(Issue("ckan_target_unknown", value=name or "–", params=words))
    return known[name]


def topic(target: str) -> str:
    """What two pushes to one CKAN have in common: they don't happen at the same time."""
    return f"{KIND}:{target}"


def released(site: Site, catalogue: Catalogue, target: CkanTarget) -> dict[str, Release]:
    """The current release of each dataset that goes to a CKAN.

    Raises Misdeclared (dataset_unknown) where the settings name one that isn't, or isn't public.
    """
    public = [name for name in catalogue.datasets() if catalogue.get(name).public]
    for name in (one for one in target.datasets or () if one not in public):
        words = {"known": ", ".join(public)}
        raise Misdeclared(Issue("dataset_unknown", value=name, params=words))
    wanted = [name for name in public if target.takes(name)]
    found = {name: current_release(site.releases, name) for name in wanted}
    return {name: release for name, release in found.items() if release is not None}


def behind(
    connection: Connection, site: Site, catalogue: Catalogue, target: CkanTarget
) -> list[str]:
    """The datasets whose current release a CKAN doesn't have, and that may be tried now."""
    known = copies(connection, target.name)
    found = []
    for name, release in released(site, catalogue, target).items():
        copy = known.get((target.name, name))
        done = copy and copy["release"] == release.number and copy["failed_at"] is None
        if not done and may_try(copy) and not (copy and copy["stopped_at"]):
            found.append(name)
    return found


def enqueue(connection: Connection, site: Site, catalogue: Catalogue) -> list[int]:
    """Queue a job for each CKAN that is behind and has none; returns the new jobs.

    Settings that are wrong stop nothing else: they are logged.
    """
    made = []
    try:
        for target in targets(site).values():
            if not jobs.waiting(connection, topic(target.name)) and behind(
                connection, site, catalogue, target
            ):
                arguments = {"target": target.name}
                made.append(jobs.submit(connection, KIND, arguments, topic(target.name)))
    except HubError as error:
        logger.warning("ckan.yml: %s", error.issue.code)
    return made
