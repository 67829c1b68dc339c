"""Releases that several machines make in turns: each goes on from the newest, wherever it was made."""

from __future__ import annotations

from exchange_schemas.errors import TargetUnavailable
from exchange_schemas.issue import Issue
from hub.site import Site
from hub.storage import pushing, releases
from hub.storage.bucket import open_bucket
from hub.storage.place import place_of
from publisher.release import current_release


def bring(site: Site, dataset: str) -> None:
    """Bring the newest releases here before the next one is made; nothing where no storage is set.

    Raises as `Bucket`: while the storage is away, nobody knows which release is the newest.
    """
    place = place_of()
    if place is not None:
        pushing.note(site, dataset)
        releases.pull(open_bucket(place), site.releases, dataset)


def check_newest(site: Site, dataset: str, published: int | None) -> None:
    """Raises TargetUnavailable (release_elsewhere) where release `published` was made on another machine
    and hasn't come here; only where a storage is set."""
    if place_of() is None or published is None:
        return
    here = current_release(site.releases, dataset)
    if here is None or here.number < published:
        words = {"number": str(published)}
        raise TargetUnavailable(Issue("release_elsewhere", value=dataset, params=words))
