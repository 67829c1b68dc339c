"""What a table in a CKAN lacks of a release, and what it has too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from exchange_schemas.errors import Corrupt
from publisher.ckan.rows import COMMITMENT, commitments
from publisher.columns import RECORD_ID
from publisher.deltas import DELTA, read_delta
from publisher.disk import sha256
from publisher.manifest import MANIFEST, Release, read_manifest


@dataclass(frozen=True, slots=True)
class Changes:
    """Record ids: `removed` have to go, `written` have to be written; `fresh`: none of these is
    there, so far as is known. `whole`: found by comparing everything that is there."""

    removed: pl.Series
    written: pl.Series
    fresh: bool
    whole: bool


def changes(
    release: Release, since: tuple[int, str] | None, held: Callable[[], pl.DataFrame]
) -> Changes:
    """What brings a table to `release`.

    `since` is the release that it was brought to last, with its manifest's digest: the deltas after
    it tell what changed, so far as the chain to it is whole. Else everything that is there (`held`,
    `rows.HELD`) is compared with the release.
    """
    deltas = None if since is None else _deltas(release, *since)
    return _compared(commitments(release), held()) if deltas is None else _joined(deltas)


def _deltas(release: Release, number: int, digest: str) -> list[pl.DataFrame] | None:
    """delta.csv of every release after `number`, oldest first; None where one of them, or their
    chain, isn't there."""
    folder, deltas = release.path.parent, []
    try:
        for one in range(release.number, number, -1):
            after = read_manifest(folder / str(one))
            before = sha256(folder / str(one - 1) / MANIFEST)
            if after.previous is None or after.previous.manifest_sha256 != before:
                return None
            deltas.append(read_delta(_sound(folder / str(one), after)))
        if sha256(folder / str(number) / MANIFEST) != digest:
            return None
    except (OSError, Corrupt, ValueError):
        return None
    return deltas[::-1]


def _sound(path: Path, release: Release) -> Path:
    """delta.csv; raises ValueError where it isn't the one of the manifest."""
    told = release.file(DELTA)
    if told is None or told.sha256 != sha256(path / DELTA):
        raise ValueError(DELTA)
    return path / DELTA


def _joined(deltas: list[pl.DataFrame]) -> Changes:
    """Of a record that changed more than once the last change counts. A push that was broken off
    may have done some of them; doing them again does no harm."""
    nothing = pl.DataFrame(schema={RECORD_ID: pl.String, "change": pl.String})
    told = pl.concat([nothing, *(one.select(RECORD_ID, "change") for one in deltas)])
    last = told.unique(RECORD_ID, keep="last", maintain_order=True)
    gone = pl.col("change") == "removed"
    return Changes(
        last.filter(gone)[RECORD_ID], last.filter(~gone)[RECORD_ID], fresh=False, whole=False
    )


def _compared(wanted: pl.DataFrame, held: pl.DataFrame) -> Changes:
    removed = held.join(wanted, on=RECORD_ID, how="anti")[RECORD_ID]
    written = wanted.join(held, on=[RECORD_ID, COMMITMENT], how="anti")[RECORD_ID]
    fresh = not held[RECORD_ID].is_in(written.implode()).any()
    return Changes(removed, written, fresh=fresh, whole=True)
