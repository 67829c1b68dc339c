"""Whether the storage has what it should, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.progress import Progress
from hub.site import Site
from hub.storage import folders, releases
from hub.storage.bucket import Bucket
from hub.storage.pushing import SHOWN
from hub.storage.tally import key_of
from publisher.release import current_release


@dataclass(slots=True)
class Verdict:
    """How much was read, and what is wrong: of severity error, or a warning."""

    deliveries: int = 0
    files: int = 0
    issues: list[Issue] = field(default_factory=list)


def check(site: Site, bucket: Bucket, progress: Progress) -> Verdict:
    """Read everything in the storage and compare it with its SHA-256, lists with what is there, and the
    newest releases with those here. Reads only. Raises as `Bucket`."""
    verdict = Verdict()
    if bucket.keeps_versions():
        verdict.issues.append(Issue("storage_versions", value=bucket.name))
    progress.step("checking deliveries")
    for key in bucket.keys("raw/"):
        verdict.issues += _compare(bucket, key, key.rpartition("/")[2])
        verdict.deliveries += 1
        progress.rows(verdict.deliveries)
    progress.step("checking releases")
    names = releases.datasets_there(bucket)
    for folder in (*(f"{releases.FOLDER}/{name}" for name in names), SHOWN):
        _check_folder(bucket, folder, verdict)
        progress.rows(verdict.files)
    here = {path.name for path in site.releases.iterdir() if path.is_dir()}
    for name in sorted(here):
        verdict.issues += _behind(site, bucket, name)
    return verdict


def _check_folder(bucket: Bucket, folder: str, verdict: Verdict) -> None:
    try:
        tally = folders.tally_of(bucket, folder)
    except Corrupt as error:
        verdict.issues.append(error.issue)
        return
    wanted = {key_of(folder, name, file): file for name, file in tally.items()}
    for key, file in wanted.items():
        verdict.issues += _compare(bucket, key, file.sha256)
        verdict.files += 1
    extra = [key for key in bucket.keys(f"files/{folder}/") if key not in wanted]
    verdict.issues += [Issue("storage_extra", value=key) for key in extra]


def _compare(bucket: Bucket, key: str, sha256: str) -> Iterator[Issue]:
    try:
        if bucket.sha256(key) != sha256:
            yield Issue("storage_wrong", value=key)
    except Corrupt as error:
        yield error.issue


def _behind(site: Site, bucket: Bucket, name: str) -> Iterator[Issue]:
    current = current_release(site.releases, name)
    here = current.number if current else 0
    try:
        there = releases.newest_there(bucket, name)
    except Corrupt:  # said already
        return
    if there < here:
        words = {"here": str(here), "there": str(there)}
        yield Issue("storage_behind", value=name, params=words)
