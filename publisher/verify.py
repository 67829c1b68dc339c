"""Checks a release against its manifest, and the manifest against its neighbours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt, HubError
from exchange_schemas.issue import Issue
from publisher.contents import INTERNAL
from publisher.differences import COMPARED, first_difference
from publisher.disk import sha256
from publisher.erasing import ERASED, KEPT, read_erasure, taken_back_by
from publisher.files import RECORDS, WORKBOOK
from publisher.manifest import MANIFEST, Release, ReleaseFile, name_of, read_manifest
from publisher.signing import SIGNATURE, VERIFIER
from publisher.verify_rows import wrong_rows
from publisher.verify_signature import wrong_signature
from publisher.workbook_note import NOTE, wrong_note
from publisher.workbooks import workbook_of

# What a release has beside the files of its manifest.
_BESIDE = (SIGNATURE, VERIFIER, INTERNAL, WORKBOOK, NOTE)


def verify_release(path: Path, *, strict: bool = False) -> list[Issue]:
    """What is wrong with the release in the folder `path`; empty: every digest agrees.

    Looks for missing, altered and surplus files, records other than those that it is committed to, a
    manifest that isn't signed (see `wrong_signature`, also for `strict`), one of another release, and
    one that isn't what current.json or the next release says it was. Reads every byte. Of a release
    whose content was taken back it checks what is kept, says so (release_erased, an info), and names
    content that is still there. Whether its changes follow from the releases before it says
    `verify_history`.
    """
    try:
        release = read_manifest(path)
    except HubError as error:
        return [error.issue]
    follower = _follower(release)
    files = _files(release) if follower is None else _kept(release, follower)
    reasons = [*_misplaced(release), *files, *_chain(release)]
    issues = [_issue(path, reason) for reason in reasons]
    issues += wrong_signature(release, strict=strict)
    if follower is not None:
        return [*issues, _erased(path, follower)]
    has_rows = release.commitments_sha256 and (path / RECORDS).is_file()
    return [*issues, *(wrong_rows(release) if has_rows else [])]


def _issue(path: Path, reason: str) -> Issue:
    return Issue("release_wrong", value=name_of(path), params={"reason": reason})


def _erased(path: Path, follower: int) -> Issue:
    return Issue("release_erased", value=name_of(path), params={"follower": str(follower)})


def _follower(release: Release) -> int | None:
    """The release that took this one's content back, as the manifests say, or else erased.json."""
    folder = release.path.parent
    newest = _read(folder / "current.json").get("number")
    try:
        return taken_back_by(folder, release.number, newest if isinstance(newest, int) else 0)
    except Corrupt:
        return _noted(release)


def _noted(release: Release) -> int | None:
    try:
        erasure = read_erasure(release.path)
    except Corrupt:
        return None
    return erasure.followed_by if erasure else None


def _kept(release: Release, follower: int) -> Iterator[str]:
    for file in release.files:
        if file.name in KEPT:
            yield from _file(release.path / file.name, file)
    for name in sorted(item.name for item in release.path.iterdir()):
        if name not in (*KEPT, ERASED):
            yield f"{name}: not erased though release {follower} took it back; publish, or build anew"
    yield from _digest_of_records(release)


def _misplaced(release: Release) -> Iterator[str]:
    named = f"{release.dataset}/{release.number}"
    if named != name_of(release.path):
        yield f"{MANIFEST}: {named}"


def _files(release: Release) -> Iterator[str]:
    for file in release.files:
        for reason in _file(release.path / file.name, file):
            yield reason + _record(release, file)
    yield from _workbook(release)
    known = {MANIFEST, *_BESIDE, *(file.name for file in release.files)}
    for name in sorted(item.name for item in release.path.iterdir()):
        if name not in known:
            yield f"{name}: not in {MANIFEST}"
    yield from _digest_of_records(release)


def _workbook(release: Release) -> Iterator[str]:
    """The workbook that was made behind the release, by its note."""
    try:
        file = workbook_of(release)
        yield from wrong_note(release)
    except HubError as error:
        yield str(error.issue.params["reason"])
        return
    if file is not None and file not in release.files:
        yield from _file(release.path / file.name, file)
    elif file is None and (release.path / WORKBOOK).exists():
        yield f"{WORKBOOK}: not in {MANIFEST}"


def _digest_of_records(release: Release) -> Iterator[str]:
    lines = release.file("records.jsonl")
    if lines is None or lines.sha256 != release.records_sha256:
        yield f"{MANIFEST}: records_sha256"


def _file(path: Path, file: ReleaseFile) -> Iterator[str]:
    if not path.is_file():
        yield f"{file.name}: missing"
    elif path.stat().st_size != file.bytes:
        yield f"{file.name}: {path.stat().st_size} bytes, not {file.bytes}"
    elif sha256(path) != file.sha256:
        yield f"{file.name}: SHA-256"


def _record(release: Release, file: ReleaseFile) -> str:
    record = first_difference(release.path, file.name) if file.name in COMPARED else None
    return f"; the first wrong record is {record}" if record else ""


def _chain(release: Release) -> Iterator[str]:
    """The manifest's digest, as its successor or current.json has it."""
    own = sha256(release.path / MANIFEST)
    folder = release.path.parent
    for place, expected in _witnesses(folder, release.number):
        if expected != own:
            yield f"{MANIFEST}: not as in {place}"
    before = release.previous
    if before and not (folder / str(before.number) / MANIFEST).is_file():
        yield f"{MANIFEST}: no release {before.number}"


def _witnesses(folder: Path, number: int) -> Iterator[tuple[str, str]]:
    current = _read(folder / "current.json")
    if current.get("number") == number:
        yield "current.json", str(current.get("manifest_sha256"))
    previous = _read(folder / str(number + 1) / MANIFEST).get("previous")
    if previous:
        yield f"{number + 1}/{MANIFEST}", str(previous.get("manifest_sha256"))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
