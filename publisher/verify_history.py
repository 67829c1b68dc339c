"""Whether what the releases of a dataset say of their changes agrees with all that they contain.

The changes of all releases are replayed. Each manifest has the digest of the commitments of all its
records, and each release the tombstones of what isn't public any more; so nobody can take a record
away quietly, put one in, or alter one, not even in a release whose content was erased.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from publisher.columns import RECORD_ID
from publisher.deltas import DELTA, TOMBSTONES, read_tombstones
from publisher.history import REMOVED, gone, public, read_events, spans
from publisher.manifest import Release, name_of, read_manifest

_MOST = 3  # wrong records of one kind that are named per dataset or file
_TOLD = (RECORD_ID, "removed_on", "removed_in", "reason", "reason_title", "legal_basis")


def verify_history(folder: Path, newest: int) -> list[Issue]:
    """What is wrong with the changes of releases 1 to `newest` of the dataset in `folder`.

    Releases of before changes were kept aren't replayed. Reads every delta.csv and tombstones.csv.
    """
    try:
        releases = [read_manifest(folder / str(n)) for n in range(1, newest + 1)]
        kept = [release for release in releases if release.commitments_sha256]
        rows = spans(read_events(folder, [release.number for release in kept]))
    except HubError as error:
        return [error.issue]
    whole = bool(kept) and kept[0].number == 1
    found = [*islice(_wrong_changes(folder, rows, kept, whole=whole), _MOST)]
    ascending = rows.sort("commitment")  # so those of each release are
    for release in kept:
        found += _wrong_counts(release, rows)
        found += _wrong_commitments(release, ascending)
        found += islice(_wrong_tombstones(release, rows, releases), _MOST)
    return found


def _wrong_changes(
    folder: Path, rows: pl.DataFrame, kept: list[Release], *, whole: bool
) -> Iterator[Issue]:
    """Added but public already; changed or removed but not public, or with another commitment."""
    held = pl.col("was").is_not_null() & (pl.col("was") != REMOVED)
    same = pl.col("held") == pl.col("commitment")
    follows = (
        pl.when(pl.col("change") == "added").then(~held)
        .when(pl.col("change") == "changed").then(held & ~same)
        .when(pl.col("change") == REMOVED).then(held & same)
        .otherwise(pl.lit(value=False))
    )  # fmt: skip
    twice = pl.col("until") == pl.col("number")
    fits = follows & ~twice.fill_null(value=False)
    if kept and not whole:  # what was public before changes were kept isn't known
        fits |= (pl.col("number") == kept[0].number) & pl.col("was").is_null()
    for row in (
        rows.filter(~fits.fill_null(value=False)).sort("number", "line").iter_rows(named=True)
    ):
        words = {"record": str(row[RECORD_ID]), "change": str(row["change"])}
        place = {"value": f"{folder.name}/{row['number']}", "file": DELTA, "line": row["line"]}
        yield Issue("release_change_wrong", **place, params=words)


def _wrong_counts(release: Release, rows: pl.DataFrame) -> Iterator[Issue]:
    own = rows.filter(pl.col("number") == release.number)["change"].value_counts()
    kinds = dict(own.iter_rows())
    counted = {name: kinds.get(name, 0) for name in ("added", "changed", REMOVED)}
    counted["records"] = rows.filter(public(release.number)).height
    for name, count in counted.items():
        if release.counts.get(name) != count:
            words = {"name": name, "counted": str(count), "told": str(release.counts.get(name))}
            yield Issue("release_count_wrong", value=name_of(release.path), params=words)


def _wrong_commitments(release: Release, rows: pl.DataFrame) -> Iterator[Issue]:
    own = rows.filter(public(release.number))["commitment"]
    text = own.str.join("\n").item() if len(own) else ""
    if hashlib.sha256(text.encode()).hexdigest() != release.commitments_sha256:
        yield Issue("release_commitments_wrong", value=name_of(release.path), file=DELTA)


def _wrong_tombstones(
    release: Release, rows: pl.DataFrame, releases: list[Release]
) -> Iterator[Issue]:
    try:
        told = read_tombstones(release.path / TOMBSTONES)
    except (OSError, PolarsError) as error:
        words = {"reason": f"{TOMBSTONES}: {error}"}
        yield Issue("release_wrong", value=name_of(release.path), params=words)
        return
    days = {str(one.number): one.created_at[:10] for one in releases}
    left = rows.filter(gone(release.number)).with_columns(
        removed_in=pl.col("number").cast(pl.String)
    )
    expected = left.with_columns(
        removed_on=pl.col("removed_in").replace_strict(days, return_dtype=pl.String)
    ).select(_TOLD)
    own = told.select(_TOLD)
    differing = pl.concat([
        expected.join(own, on=_TOLD, how="anti", nulls_equal=True),
        own.join(expected, on=_TOLD, how="anti", nulls_equal=True),
        own.filter(pl.col(RECORD_ID).is_duplicated()),
    ])  # fmt: skip
    for record in differing[RECORD_ID].unique(maintain_order=True):
        yield Issue(
            "release_tombstone_wrong", value=name_of(release.path), file=TOMBSTONES,
            params={"record": str(record)},
        )  # fmt: skip
