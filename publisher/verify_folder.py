"""Checks of a folder that somebody names: a release or all of a dataset, in a site or copied from one."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from publisher import verifier
from publisher.disk import sha256
from publisher.manifest import MANIFEST, name_of
from publisher.release import CURRENT, current_release
from publisher.signing import read_signature
from publisher.verify import verify_release
from publisher.verify_history import verify_history


def verify_folder(folder: Path, told: Sequence[str] = ()) -> list[Issue]:
    """What is wrong with a release, or with all releases of a dataset; infos say what was erased.

    `told` are digests that the reader has from elsewhere: the fingerprint of the key, the SHA-256 of
    the newest manifest. Each must be one of the newest release's here. In a site's folder of releases
    every file must be there; of a copy, which may have some only, what is there is checked, as
    verify.py does.
    """
    folder = folder.resolve()
    if (folder / CURRENT).is_file():
        return _of_dataset(folder, told)
    if (folder / MANIFEST).is_file() and (folder.parent / CURRENT).is_file():
        return [*verify_release(folder, strict=True), *_as_told(folder, told)]
    return list(_of_copy(folder, told))


def _of_dataset(folder: Path, told: Sequence[str]) -> list[Issue]:
    try:
        newest = current_release(folder.parent, folder.name)
    except HubError as error:
        return [error.issue]
    assert newest is not None  # noqa: S101 - its current.json is there
    found = [
        issue
        for number in range(1, newest.number + 1)
        for issue in verify_release(folder / str(number), strict=True)
    ]
    return [*found, *verify_history(folder, newest.number), *_as_told(newest.path, told)]


def _as_told(path: Path, told: Sequence[str]) -> Iterator[Issue]:
    try:
        signature = read_signature(path)
    except HubError:
        signature = None  # `verify_release` says so
    known = sha256(path / MANIFEST), signature.key_id if signature else ""
    for digest in told:
        if digest not in known:
            yield Issue("release_other_than_told", value=name_of(path), params={"digest": digest})


def _of_copy(folder: Path, told: Sequence[str]) -> Iterator[Issue]:
    try:
        for right, what in verifier.checks(folder, told):
            if right is False:
                yield _wrong(folder, what)
    except (OSError, ValueError, LookupError, TypeError, ImportError, csv.Error) as error:
        yield _wrong(folder, str(error))


def _wrong(folder: Path, reason: str) -> Issue:
    return Issue("release_wrong", value=folder.name, params={"reason": reason})
