"""What a CKAN says of a dataset and of its files, as the standard and the release have it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from publisher.ckan.target import CkanTarget
from publisher.disk import sha256
from publisher.files import FILES
from publisher.manifest import MANIFEST, Release

KEY = "hub_file"  # in each resource that is ours: the file's name, or TABLE
DIGEST = "hub_sha256"  # of the bytes that were uploaded
TABLE = "table"
NUMBER, MANIFEST_DIGEST = "release_number", "manifest_sha256"  # extras that name the release

_TAG = re.compile(r"[^\w .-]+")
_BESIDE = {  # what stands in a release beside the files of its manifest
    MANIFEST: ("application/json", "发布清单（各文件的摘要）"),
    "manifest.sig": ("text/plain", "发布清单的签名"),
    "verify.py": ("text/x-python", "验证程序"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a release as a resource: uploaded where `link` is None."""

    name: str
    title: str
    media_type: str
    bytes: int
    sha256: str
    link: str | None

    def described(self) -> dict[str, str]:
        """Its resource, but for where it stands; all of it text, as an upload takes it."""
        kind = self.name.rpartition(".")[2]
        return {
            KEY: self.name, DIGEST: "" if self.link else self.sha256, "name": self.title,
            "format": {"jsonl": "JSONL", "sig": "TXT"}.get(kind, kind.upper()),
            "mimetype": self.media_type, "hash": f"sha256:{self.sha256}", "size": str(self.bytes),
        }  # fmt: skip


def parts_of(release: Release, target: CkanTarget) -> tuple[list[Part], list[Issue]]:
    """The files that a CKAN gets, in order, and what is left out."""
    if target.files == "none":
        return [], []
    parts, left_out = [], []
    for name, title, media_type, size, digest in _files(release):
        large = target.files == "link" or size > target.upload_up_to_mb << 20
        if large and target.portal is None:
            words = {"dataset": release.dataset, "what": name}
            left_out.append(Issue("ckan_links_only", value=name, params=words))
            continue
        link = f"{target.portal}/datasets/{release.dataset}/releases/{release.number}/{name}"
        parts.append(Part(name, title, media_type, size, digest, link if large else None))
    return parts, left_out


def _files(release: Release) -> Iterator[tuple[str, str, str, int, str]]:
    for file in release.files:
        if file.name in FILES:
            yield file.name, file.title, file.media_type, file.bytes, file.sha256
    for name, (media_type, title) in _BESIDE.items():
        path = release.path / name
        if path.is_file():
            yield name, title, media_type, path.stat().st_size, sha256(path)


def table_of(standard: Standard, release: Release) -> dict[str, str]:
    """The resource of the datastore's table."""
    return {
        KEY: TABLE, "name": f"{standard.title}（数据表）", "format": "CSV",
        "description": f"全部记录，第{release.number}版，{release.counts['records']}条；"
        "主键 record_id。可用 datastore_search 检索。",
    }  # fmt: skip


def package_of(standard: Standard, release: Release, target: CkanTarget) -> dict[str, Any]:
    """The dataset's metadata, without its owner, its resources and whether it is private."""
    extras = extras_of(standard, release)
    notes = [standard.description, standard.disclaimer or "", standard.description_en]
    return {
        "title": standard.title,
        "notes": "\n\n".join(text for text in notes if text),
        "author": standard.owner,
        "maintainer": standard.owner,
        "version": str(release.number),
        "license_id": target.licence,
        "url": f"{target.portal}/datasets/{release.dataset}" if target.portal else "",
        "tags": [{"name": name} for name in _tags(standard)],
        "extras": [{"key": key, "value": value} for key, value in extras.items()],
    }


def extras_of(standard: Standard, release: Release) -> dict[str, str]:
    """What CKAN has no word of its own for."""
    told = {
        NUMBER: str(release.number),
        "released_at": release.created_at,
        "records": str(release.counts["records"]),
        "records_sha256": release.records_sha256,
        "commitments_sha256": release.commitments_sha256,
        MANIFEST_DIGEST: sha256(release.path / MANIFEST),
        "standard_version": release.standard_version,
        "title_en": standard.title_en,
        "legal_basis": "；".join(standard.legal_basis),
        "update_cycle": standard.cycle,
        "share_type": standard.share_type,
        "resource_code": standard.resource_code,
        "good_until": release.good_until,
    }
    return {key: value for key, value in told.items() if value}


def _tags(standard: Standard) -> list[str]:
    """Tags have letters, digits, blanks, points, hyphens and underscores, and two at least."""
    named = (_TAG.sub(" ", text).strip()[:100] for text in (standard.title, standard.owner))
    return sorted({name for name in named if len(name) >= 2})


def extras_in(package: Mapping[str, Any]) -> dict[str, str]:
    """The extras of a dataset as CKAN shows it."""
    return {one["key"]: one["value"] for one in package.get("extras", [])}


def said_otherwise(shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The members of `wanted` that a dataset or resource, as CKAN shows it, has otherwise."""
    return [name for name, value in wanted.items() if _plain(shown.get(name)) != _plain(value)]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((one.get("key") or one["name"], one.get("value")) for one in value)
    return "" if value is None else str(value)
