"""A file of a release as a CKAN resource."""

from __future__ import annotations

from typing import Any

from publisher.ckan_view.ids import Ids
from publisher.ckan_view.moments import stamp
from publisher.datapackage import NOTES
from publisher.manifest import Release, ReleaseFile

# ending of a file's name → format as CKAN writes it
_FORMATS = {"jsonl": "JSONL", "jsonld": "JSON-LD"}


def resource(
    ids: Ids, address: str, release: Release, file: ReleaseFile, position: int, created: str
) -> dict[str, Any]:
    """`resource_show` of the file, less whether it is in the datastore.

    Its address stays the same through all releases; `hash` (SHA-256, hex), `size` and `last_modified`
    are of the current one.
    """
    modified = stamp(release.created_at)
    ending = file.name.rpartition(".")[2]
    return {
        "id": ids.resource(release.dataset, file.name),
        "package_id": ids.package(release.dataset),
        "name": file.title,
        "description": "\n\n".join(t for t in (NOTES.get(file.name), file.title_en) if t),
        "url": f"{address}/datasets/{release.dataset}/latest/{file.name}",
        "url_type": None,
        "format": _FORMATS.get(ending, ending.upper()),
        "mimetype": file.media_type,
        "mimetype_inner": None,
        "size": file.bytes,
        "hash": file.sha256,
        "created": created,
        "last_modified": modified,
        "metadata_modified": modified,
        "resource_type": None,
        "position": position,
        "state": "active",
        "cache_url": None,
        "cache_last_updated": None,
    }
