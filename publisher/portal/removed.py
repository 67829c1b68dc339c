"""A record that was public and isn't any more: what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from werkzeug.exceptions import Gone

from publisher.columns import RECORD_ID
from publisher.deltas import TOMBSTONE_COLUMNS, TOMBSTONES
from publisher.manifest import Release


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What tombstones.csv says of a record; nothing about its party.

    Days are 2026-01-31, `removed_in` is the number of a release; what isn't known is None.
    """

    record_id: str
    published_on: str | None
    removed_on: str | None
    removed_in: str | None
    reason: str | None
    reason_title: str | None
    legal_basis: str | None


class Removed(Gone):
    """410: the record was taken back."""

    def __init__(self, dataset: str, tombstone: Tombstone) -> None:
        super().__init__()
        self.dataset = dataset
        self.tombstone = tombstone


def tombstone(release: Release, record_id: str) -> Tombstone | None:
    """The record's tombstone in the current release; None where it never was public."""
    path = release.path / TOMBSTONES
    if not path.is_file():
        return None
    table = pl.scan_csv(path, schema=TOMBSTONE_COLUMNS)
    found = table.filter(pl.col(RECORD_ID) == record_id).tail(1).collect()
    return Tombstone(**found.row(0, named=True)) if found.height else None
