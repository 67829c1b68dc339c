"""The Excel workbooks of large datasets, which are made after their releases."""

from __future__ import annotations

from exchange_schemas.catalogue import Catalogue
from hub.progress import Progress
from hub.site import Site
from publisher.release import Release, current_release, finish_erasures
from publisher.workbooks import add_workbook, workbook_of


def without_workbook(site: Site, catalogue: Catalogue) -> list[Release]:
    """The current releases that have no workbook yet."""
    named = (current_release(site.releases, name) for name in catalogue.datasets())
    return [release for release in named if release and workbook_of(release) is None]


def make_workbooks(site: Site, catalogue: Catalogue, progress: Progress) -> dict[str, int]:
    """Make those that are missing; returns dataset → bytes of the workbook.

    What is taken back meanwhile is erased again at once.
    """
    made = {}
    for release in without_workbook(site, catalogue):
        progress.step("workbook")
        standard = catalogue.get(release.dataset, release.standard_version)
        made[release.dataset] = add_workbook(standard, release).bytes
        finish_erasures(site.releases, release.dataset)
    return made
