"""Where the library reads what a release says: its index, its records, its columns.

The files of the releases themselves, or a database into which they were loaded (`postgres_store`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import polars as pl

from publisher.contents import INTERNAL, contents_of
from publisher.files import RECORDS
from publisher.index import Index
from publisher.index_build import INDEX
from publisher.index_store import open_sqlite
from publisher.indexes import Indexes
from publisher.manifest import Release
from publisher.places import read_lines


class Store(Protocol):
    """Reads releases. Safe to share between threads."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What is raised where a release can't be read."""

    def index(self, release: Release) -> Index:
        """The index of a release."""

    def lines(self, release: Release, record_ids: Sequence[str]) -> list[bytes | None]:
        """Records as their lines in records.jsonl; None where there is none."""

    def columns(self, release: Release, names: Sequence[str]) -> pl.DataFrame:
        """Raw columns of all records in the order of the release; unknown ones are left out."""


class FileStore:
    """The files in the folders of the releases."""

    errors = (OSError, sqlite3.Error, pl.exceptions.PolarsError)

    def __init__(self) -> None:
        self._indexes = Indexes()

    def index(self, release: Release) -> Index:
        """See `Store`."""
        path = release.path / INTERNAL / INDEX
        stamp = path.stat().st_mtime_ns
        key = (str(path), stamp)
        return self._indexes.get(str(release.path.parent), key, lambda: _opened(path))

    def lines(self, release: Release, record_ids: Sequence[str]) -> list[bytes | None]:
        """See `Store`."""
        folder, lines = release.path / INTERNAL, release.path / RECORDS
        return read_lines(folder, lines, record_ids)

    def columns(self, release: Release, names: Sequence[str]) -> pl.DataFrame:
        """See `Store`."""
        contents = contents_of(release.path)
        known = contents.columns
        return contents.read(*(name for name in names if name in known))


def _opened(path: Path) -> Index:
    return Index(lambda: open_sqlite(path))
