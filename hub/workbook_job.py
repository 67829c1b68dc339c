"""The Excel workbooks of large datasets, which are made after their releases."""

from __future__ import annotations

import os

from exchange_schemas.catalogue import Catalogue
from hub.progress import Progress
from hub.site import Site
from publisher.portal.settings import read_settings
from publisher.release import Release, current_release, finish_erasures
from publisher.signing_keys import site_signer
from publisher.workbooks import add_workbook, workbook_of


def without_workbook(site: Site, catalogue: Catalogue) -> list[Release]:
    """The current releases that have no workbook yet."""
    named = (current_release(site.releases, name) for name in catalogue.datasets())
    return [release for release in named if release and workbook_of(release) is None]


def make_workbooks(site: Site, catalogue: Catalogue, progress: Progress) -> dict[str, int]:
    """Make those that are missing; returns dataset → bytes of the workbook.

    What is taken back meanwhile is erased again at once. Raises Refused where the key that signs them
    can't be used.
    """
    made: dict[str, int] = {}
    waiting = without_workbook(site, catalogue)
    if not waiting:
        return made
    signer = site_signer(site.keys, site.releases, os.environ)
    licence = read_settings(site.portal_settings, os.environ).licence_zh
    for release in waiting:
        progress.step("workbook")
        standard = catalogue.get(release.dataset, release.standard_version)
        made[release.dataset] = add_workbook(standard, release, signer, licence).bytes
        finish_erasures(site.releases, release.dataset)
    return made
