"""manifest.json: what a release consists of, with digests, and which release came before.

It names the SHA-256 of the previous release's manifest, so the releases of a dataset form a chain:
nobody can alter an old one without altering all that follow. Its signature stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue

MANIFEST = "manifest.json"
BEIJING = timezone(timedelta(hours=8))  # China has one time zone, without summer time


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a release; `sha256` is hex."""

    name: str
    bytes: int
    sha256: str
    media_type: str
    title: str
    title_en: str


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before: its number and the hex SHA-256 of its manifest.json."""

    number: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class ReleaseSource:
    """What a release was made from: the dataset's ledger up to and including `seq`, and with what.

    `basis` is the SHA-256 (hex) of what decides how records look in public: standard, law, program.
    """

    seq: int | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One numbered release of a dataset, whose manifest never changes.

    `path` is its folder, `created_at` ISO 8601 with +08:00. `counts` has records, and added,
    changed and removed against the previous release. `records_sha256` is the hex SHA-256 of
    records.jsonl, which stands for the whole sorted content; `commitments_sha256` is that of all
    records' commitments, see `deltas.commitments_digest`, and can be proved without content. `good_until` is the last day (ISO
    8601, Asia/Shanghai) on which each of its records may be shown; None: no record has an end.
    """

    dataset: str
    number: int
    path: Path
    standard_version: str
    created_at: str
    counts: Mapping[str, int]
    records_sha256: str
    files: tuple[ReleaseFile, ...]
    previous: Previous | None = None
    source: ReleaseSource = ReleaseSource()
    # Manifests of before these were known don't have them.
    good_until: str | None = None
    commitments_sha256: str = ""

    @property
    def takes_back(self) -> bool:
        """Whether it changed or removed records of the release before it."""
        return bool(self.counts["changed"] or self.counts["removed"])

    def good_on(self, day: date) -> bool:
        """Whether all of its records may be shown on `day`."""
        return self.good_until is None or day.isoformat() <= self.good_until

    def file(self, name: str) -> ReleaseFile | None:
        """The file of this name, e.g. records.csv."""
        return next((file for file in self.files if file.name == name), None)


def now() -> str:
    """The present time as manifests have it, e.g. 2026-11-23T09:30:00+08:00."""
    return datetime.now(BEIJING).isoformat(timespec="seconds")


def as_json(release: Release) -> bytes:
    """The manifest of a release as indented UTF-8 JSON."""
    content = {name: value for name, value in asdict(release).items() if name != "path"}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def read_manifest(path: Path) -> Release:
    """The release in the folder `path`; raises Corrupt (release_wrong) where it can't be read.

    A manifest never changes, so it is read again only where its file is another one.
    """
    try:
        found = (path / MANIFEST).stat()
    except OSError as error:
        words = {"reason": f"{MANIFEST}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(path), params=words)) from error
    return _read(path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=1024)
def _read(path: Path, _file_as_it_is: tuple[int, ...]) -> Release:
    try:
        content: dict[str, Any] = json.loads((path / MANIFEST).read_bytes())
        files = tuple(_file(told) for told in content.pop("files"))
        previous = content.pop("previous")
        source = ReleaseSource(**content.pop("source"))
        before = Previous(**previous) if previous else None
        if content.get("good_until") is not None:
            date.fromisoformat(content["good_until"])
        return Release(path=path, files=files, previous=before, source=source, **content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        words = {"reason": f"{MANIFEST}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(path), params=words)) from error


def _file(told: dict[str, Any]) -> ReleaseFile:
    file = ReleaseFile(**told)
    if Path(file.name).name != file.name:
        raise ValueError(f"{file.name} is outside the release")
    return file


def name_of(path: Path) -> str:
    """How messages name a release: dataset/number."""
    return f"{path.parent.name}/{path.name}"
