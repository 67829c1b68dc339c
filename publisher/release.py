"""Releases of a dataset: built beside, moved into place, their manifests never touched again.

`releases/<dataset>/<number>/` holds the files and `releases/<dataset>/current.json` names the
newest release. A folder that current.json hasn't reached isn't a release, so whatever happens
while one is built, the release before it stands. Once a release takes records back, the content of
those before it is erased (`erasing`).
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from publisher import manifest
from publisher.building import fill
from publisher.dcat.site_words import SiteWords
from publisher.disk import full_disk_refused, sha256, sync, write_synced
from publisher.erasing import erase_taken_back, read_erasure, taken_back_by
from publisher.making import Making, Supply, fields_of
from publisher.manifest import MANIFEST, Previous, Release, ReleaseSource, read_manifest
from publisher.signers import Signer
from publisher.verify import verify_release

__all__ = [
    "Release",
    "ReleaseSource",
    "Terms",
    "build_release",
    "current_release",
    "find_release",
    "finish_erasures",
    "followed_by",
    "list_releases",
    "verify_release",
]

CURRENT = "current.json"
BUILDING = ".building-"
COMING = f"{BUILDING}{CURRENT}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a release is made under, besides its content.

    `source` says what it was made from, `removals` why records left (`deltas.REMOVALS`), `signer`
    signs its manifest, `site` is said to be whose it is. `placing` is entered once the files are there, around the moment in which they
    become public: what it raises leaves the release before it in place.
    """

    source: ReleaseSource = field(default_factory=ReleaseSource)
    removals: pl.DataFrame | None = None
    signer: Signer | None = None
    site: SiteWords | None = None
    placing: Callable[[Release], AbstractContextManager[object]] = nullcontext


def build_release(
    root: Path, standard: Standard, supply: Supply, terms: Terms | None = None
) -> Release:
    """The next release of `standard.dataset` under `root`, or the current one if nothing differs.

    `supply` is all that is to be public, as a frame, a Parquet file or a packed view, or what differs
    from the current release (`changes.Parts`). It has `record_id`, the public fields, optionally
    `columns.HUB_FIELDS`; other columns are left out. Where the new release takes records back, the
    content of those before it is erased. Raises Refused (disk_full), Corrupt (release_wrong) where the
    current one is damaged, and WholeNeeded where `Parts` don't fit the current one.
    """
    terms = terms or Terms()
    folder = root / standard.dataset
    with full_disk_refused(standard.dataset):
        folder.mkdir(parents=True, exist_ok=True)
        sync(root)
        with _one_builder(folder):
            current = current_release(root, standard.dataset)
            _sweep(folder, current)
            erase_taken_back(folder, current.number if current else 0)
            planned = _plan(folder, standard, current, terms.source)
            try:
                licence = terms.site.licence_zh if terms.site else ""
                making = Making(planned, standard, fields_of(standard, supply), current, licence)
                made = fill(making, supply, terms.removals, terms.signer, terms.site)
                if made is not None:
                    with terms.placing(made):
                        moved = _move(folder, made)
                    erase_taken_back(folder, moved.number)
                    return moved
            finally:
                shutil.rmtree(planned.path, ignore_errors=True)
    assert current is not None  # noqa: S101 - only against a current one can nothing differ
    return current


def current_release(root: Path, dataset: str) -> Release | None:
    """The newest release of a dataset; None where there is none. Raises Corrupt."""
    number = _current_number(root / dataset)
    return None if number is None else read_manifest(root / dataset / str(number))


def find_release(root: Path, dataset: str, number: int) -> Release | None:
    """One release of a dataset; None where there is none of that number. Raises Corrupt."""
    newest = _current_number(root / dataset) or 0
    return read_manifest(root / dataset / str(number)) if 1 <= number <= newest else None


def list_releases(
    root: Path, dataset: str, skip: int = 0, most: int | None = None
) -> list[Release]:
    """Releases of a dataset, newest first: all, or `most` after the first `skip`. Raises Corrupt.

    Each is a file to read, so who shows a page of a long history asks for that page only.
    """
    newest = (_current_number(root / dataset) or 0) - skip
    oldest = 1 if most is None else max(1, newest - most + 1)
    return [read_manifest(root / dataset / str(n)) for n in range(newest, oldest - 1, -1)]


def followed_by(root: Path, release: Release) -> int | None:
    """The release that took back records of this one, whose content is public no more; None: none.

    Raises Corrupt where the releases between this one and the current one can't be read.
    """
    erasure = read_erasure(release.path)
    if erasure is not None:
        return erasure.followed_by
    newest = _current_number(root / release.dataset) or 0
    return taken_back_by(root / release.dataset, release.number, newest)


def finish_erasures(root: Path, dataset: str) -> list[int]:
    """Erase what a build that died left of content that was taken back; returns which releases.

    The next build does it too. Raises Corrupt.
    """
    folder = root / dataset
    newest = _current_number(folder)
    if newest is None:
        return []
    with _one_builder(folder):
        return erase_taken_back(folder, _current_number(folder) or newest)


def _current_number(folder: Path) -> int | None:
    try:
        return int(json.loads((folder / CURRENT).read_bytes())["number"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, KeyError) as error:
        words = {"reason": f"{CURRENT}: {error}"}
        raise Corrupt(Issue("release_wrong", value=folder.name, params=words)) from error


@contextmanager
def _one_builder(folder: Path) -> Iterator[None]:
    """Waits for another process that builds this dataset; a dead one's lock is free at once."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _next(current: Release | None) -> int:
    return current.number + 1 if current else 1


def _sweep(folder: Path, current: Release | None) -> None:
    """Remove what builds left that died: under the lock nobody else can be building.

    A folder in its place that current.json doesn't reach is such a left-over only while the
    current.json that was to come lies beside it; else current.json was lost or set back.
    """
    unreached = folder / str(_next(current))
    if unreached.exists():
        if not (folder / COMING).exists():
            words = {"reason": f"{CURRENT} doesn't reach it"}
            raise Corrupt(Issue("release_wrong", value=manifest.name_of(unreached), params=words))
        shutil.rmtree(unreached)
    for left in folder.glob(f"{BUILDING}*"):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink(missing_ok=True)


def _plan(
    folder: Path, standard: Standard, current: Release | None, source: ReleaseSource
) -> Release:
    """The release to be, with an empty folder of its own."""
    number = _next(current)
    building = folder / f"{BUILDING}{number}-{os.getpid()}"
    building.mkdir()
    return Release(
        dataset=standard.dataset,
        number=number,
        path=building,
        standard_version=standard.version,
        created_at=manifest.now(),
        counts={},
        records_sha256="",
        files=(),
        previous=Previous(current.number, sha256(current.path / MANIFEST)) if current else None,
        source=source,
    )


def _move(folder: Path, made: Release) -> Release:
    """Put the filled folder in its place, then let current.json reach it.

    The new current.json is on the disk before anything moves, so a full disk can't come between.
    """
    release = replace(made, path=folder / str(made.number))
    pointer = {"number": made.number, "manifest_sha256": sha256(made.path / MANIFEST)}
    coming = folder / COMING
    write_synced(coming, (json.dumps(pointer) + "\n").encode())
    made.path.rename(release.path)
    sync(folder)
    coming.replace(folder / CURRENT)
    sync(folder)
    return release
