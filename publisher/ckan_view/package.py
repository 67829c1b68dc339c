"""A dataset as a CKAN package: what it is, whose it is, and the files of its current release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from exchange_schemas.standard import Standard
from publisher.ckan_view.ids import Ids
from publisher.ckan_view.licences import licence_facts
from publisher.ckan_view.moments import stamp
from publisher.ckan_view.resource import resource
from publisher.dcat.site_words import SiteWords
from publisher.manifest import Release

#: The file whose records the datastore has.
TABLE = "records.csv"

_NO_TAG = re.compile(r"[^\w\-. ]+")
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\".]+")


@dataclass(frozen=True, slots=True)
class Site:
    """What packages are made with: the portal's address without a slash at its end, and its words."""

    address: str
    words: SiteWords
    ids: Ids


def package(
    site: Site, standard: Standard, release: Release, created: str, updating: bool
) -> dict[str, Any]:
    """`package_show` of the dataset. `created` is when its first release was made (ISO 8601);
    `updating`: its records aren't shown at present."""
    found = {
        **_texts(site, standard),
        **licence_facts(site.words),
        "id": site.ids.package(standard.dataset),
        "name": standard.dataset,
        "type": "dataset",
        "state": "active",
        "private": False,
        "creator_user_id": None,
        "url": f"{site.address}/datasets/{standard.dataset}",
        "version": str(release.number),
        "metadata_created": stamp(created),
        "metadata_modified": stamp(release.created_at),
        "owner_org": site.ids.organisation(standard.department),
        "organization": organisation_facts(site, standard, created),
        "extras": _extras(site, standard, release, updating),
        "tags": [tag_facts(site.ids, tag) for tag in _tags(site.words, standard)],
        "resources": _resources(site, release, created),
        "groups": [],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }
    return found | {"num_resources": len(found["resources"]), "num_tags": len(found["tags"])}


def _texts(site: Site, standard: Standard) -> dict[str, Any]:
    words = site.words
    email = _EMAIL.search(words.contact)
    return {
        "title": standard.title,
        "notes": "\n\n".join(t for t in (standard.description, standard.disclaimer) if t),
        "author": standard.owner,
        "author_email": None,
        "maintainer": words.operator_zh or None,
        "maintainer_email": email[0] if email else None,
    }


def _resources(site: Site, release: Release, created: str) -> list[dict[str, Any]]:
    return [
        resource(site.ids, site.address, release, file, place, stamp(created))
        | {"datastore_active": file.name == TABLE}
        for place, file in enumerate(release.files)
    ]


def _extras(
    site: Site, standard: Standard, release: Release, updating: bool
) -> list[dict[str, str]]:
    manifest = (
        f"{site.address}/datasets/{standard.dataset}/releases/{release.number}/manifest.json"
    )
    told = {
        "title_en": standard.title_en,
        "notes_en": standard.description_en,
        "author_en": standard.owner_en,
        "spatial_text": site.words.place_zh,
        "language": "zh-CN",
        "frequency": standard.cycle,
        "share_type": standard.share_type,
        "legal_basis": "；".join(standard.legal_basis),
        "resource_code": standard.resource_code,
        "standard_version": release.standard_version,
        "records": str(release.counts["records"]),
        "good_until": release.good_until or "",
        "updating": "true" if updating else "",
        "manifest_url": manifest,
        "records_sha256": release.records_sha256,
    }
    return [{"key": key, "value": value} for key, value in told.items() if value]


def _tags(words: SiteWords, standard: Standard) -> list[str]:
    """Two to a hundred letters, digits, blanks, hyphens and full stops, as CKAN wants them."""
    told = (standard.title, standard.owner, words.place_zh)
    tags = (" ".join(_NO_TAG.sub(" ", text).split())[:100] for text in told)
    return sorted({tag for tag in tags if len(tag) > 1})


def tag_facts(ids: Ids, tag: str) -> dict[str, Any]:
    """A tag within a package."""
    return {
        "id": ids.tag(tag),
        "name": tag,
        "display_name": tag,
        "state": "active",
        "vocabulary_id": None,
    }


def organisation_facts(site: Site, standard: Standard, created: str) -> dict[str, Any]:
    """The department within a package."""
    return {
        "id": site.ids.organisation(standard.department),
        "name": standard.department,
        "title": standard.owner,
        "type": "organization",
        "description": standard.owner_en,
        "image_url": "",
        "created": stamp(created),
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }
