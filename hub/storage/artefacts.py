"""Deliveries in the storage: put there before their run is committed, fetched where they are wanted."""

from __future__ import annotations

from pathlib import Path

from adapters.artefact import Artefact, Store
from exchange_schemas.errors import Corrupt
from hub.site import Site
from hub.storage.bucket import Bucket, open_bucket
from hub.storage.place import place_of


def keep_raw(site: Site, artefact: Artefact) -> None:
    """Put a delivery into the storage, if there is one; returns when it is there.

    Raises as `Bucket`.
    """
    place = place_of()
    if place is not None and artefact.path == Store(site.raw).find(artefact.sha256):
        put(open_bucket(place), artefact.path)


def find_raw(site: Site, sha256: str) -> Path:
    """Where the delivery with this SHA-256 is in the site, or would be: fetched from the storage, if there
    is one that has it. Raises Corrupt (storage_wrong) and as `Bucket`."""
    path, place = Store(site.raw).find(sha256), place_of()
    if place is not None and not path.is_file():
        try:
            open_bucket(place).fetch(key_of(sha256), path, sha256)
        except Corrupt as error:
            if error.issue.code != "storage_missing":
                raise
    return path


def put(bucket: Bucket, path: Path) -> bool:
    """Put a kept delivery there; False where it is there already."""
    key = key_of(path.name)
    if bucket.has(key):
        return False
    bucket.put(key, path, path.name)
    return True


def key_of(sha256: str) -> str:
    """Where a delivery is in the storage."""
    return f"raw/{sha256[:2]}/{sha256}"
