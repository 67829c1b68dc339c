"""What is new in a dataset: the changes of its newest releases, read from their deltas.

Deltas are kept for ever and never change, so each is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from publisher.columns import RECORD_ID
from publisher.deltas import DELTA, DELTA_COLUMNS, TOMBSTONE_COLUMNS, TOMBSTONES
from publisher.library import Library
from publisher.manifest import Release, read_manifest

KINDS = (REMOVED, CHANGED, ADDED) = ("removed", "changed", "added")  # the most urgent first
RELEASES = 30  # that are looked through at most
_KEPT = 128  # deltas, each cut off after what was asked for


@dataclass(frozen=True, slots=True)
class Change:
    """One record that a release added, changed or removed.

    `at` is when the release was made (ISO 8601, +08:00). What a removal says of its reason is a
    code, its Chinese title and the law; it says nothing of a party.
    """

    dataset: str
    record_id: str
    kind: str
    release: int
    at: str
    reason: str | None = None
    reason_title: str | None = None
    legal_basis: str | None = None


def changes(release: Release, kind: str, most: int) -> list[Change]:
    """The first `most` changes of one kind, in the order of delta.csv."""
    if not release.counts.get(kind):
        return []
    rows = _rows(release.path / DELTA, kind, most)
    told = (release.dataset, release.number, release.created_at)
    return [_change(told, kind, row) for row in rows]


def named_changes(release: Release, record_ids: Iterable[str]) -> list[Change]:
    """What a release did to these records, in the order of delta.csv."""
    path = release.path / DELTA
    if not path.is_file():
        return []
    schema = dict.fromkeys(DELTA_COLUMNS, pl.String)
    mine = pl.scan_csv(path, schema=schema).filter(pl.col(RECORD_ID).is_in(list(record_ids)))
    rows = mine.select("change", RECORD_ID, "reason", "reason_title", "legal_basis").collect()
    told = (release.dataset, release.number, release.created_at)
    return [_change(told, kind, tuple(row)) for kind, *row in rows.iter_rows()]


def _change(told: tuple[str, int, str], kind: str, row: tuple[str | None, ...]) -> Change:
    dataset, number, at = told
    record_id, *reason = row
    return Change(dataset, str(record_id), kind, number, at, *reason)


@lru_cache(maxsize=_KEPT)
def _rows(path: Path, kind: str, most: int) -> tuple[tuple[str | None, ...], ...]:
    """(record_id, reason, reason_title, legal_basis); none of a release that has no delta."""
    if not path.is_file():
        return ()
    schema = dict.fromkeys(DELTA_COLUMNS, pl.String)
    wanted = pl.scan_csv(path, schema=schema).filter(pl.col("change") == kind).head(most)
    names = (RECORD_ID, "reason", "reason_title", "legal_basis")
    return tuple(wanted.select(names).collect().iter_rows())


def news(library: Library, dataset: str, most: int) -> list[Change]:
    """The newest changes of a dataset, newest release first, each record once.

    Of a release that added more than `most` the newest records of the dataset stand for all.
    """
    found: dict[str, Change] = {}
    for release in library.history(dataset, most=RELEASES):
        for change in _of_release(library, release, most):
            found.setdefault(change.record_id, change)
        if len(found) >= most:
            break
    return list(found.values())[:most]


def _of_release(library: Library, release: Release, most: int) -> Iterator[Change]:
    for kind in KINDS:
        if kind == ADDED and release.counts.get(ADDED, 0) > most:
            told = (release.dataset, release.number, release.created_at)
            rows = library.preview(release.dataset, most)
            yield from (_change(told, ADDED, (str(row[RECORD_ID]),)) for row in rows)
        else:
            yield from changes(release, kind, most)


def changed_at(library: Library, dataset: str, most: int = 1_000) -> dict[str, str]:
    """record id → when it was changed last (ISO 8601), as far as recent deltas say."""
    found: dict[str, str] = {}
    for release in library.history(dataset, most=RELEASES):
        for change in changes(release, CHANGED, most):
            found.setdefault(change.record_id, change.at)
    return found


def withdrawn(library: Library, dataset: str, most: int) -> list[Change]:
    """The newest removals of a dataset whose records aren't public again, newest first."""
    current = library.latest(dataset)
    if current is None:
        return []
    rows = _tombstones(current.path / TOMBSTONES, most)
    folder = current.path.parent
    return [
        Change(dataset, row[0], REMOVED, int(row[1]), _made_at(folder / row[1]), *row[2:])
        for row in rows
    ]


@lru_cache(maxsize=4096)
def _made_at(path: Path) -> str:
    """When a release was made, which never changes."""
    return read_manifest(path).created_at


@lru_cache(maxsize=_KEPT)
def _tombstones(path: Path, most: int) -> tuple[tuple[str, ...], ...]:
    """(record_id, removed_in, reason, reason_title, legal_basis), newest first."""
    if not path.is_file():
        return ()
    names = (RECORD_ID, "removed_in", "reason", "reason_title", "legal_basis")
    rows = pl.scan_csv(path, schema=TOMBSTONE_COLUMNS).select(names)
    by = [pl.col("removed_in").cast(pl.Int64), pl.col(RECORD_ID)]
    newest = rows.sort(by, descending=[True, False]).head(most)
    return tuple(newest.collect().iter_rows())
