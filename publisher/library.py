"""Everything that was released, for reading: what the portal knows of the world.

Each question reads current.json anew, so a release counts from the moment it is in place. A release
that is past its `good_until` may show a record whose term is over, so none of its records are given:
its dataset is being updated. Nothing here opens the hub's database.
"""

from __future__ import annotations

import heapq
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from publisher.columns import HUB_FIELDS, RECORD_ID
from publisher.files import INDEX, RECORDS
from publisher.index import Found, open_index
from publisher.release import (
    Release,
    current_release,
    find_release,
    followed_by,
    list_releases,
)

Answer = TypeVar("Answer")

DEEPEST = 10_000  # hits that can be paged through; who needs more should take the file
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Hit:
    """A found record: its dataset, permanent id, and the fields of the standard's roles."""

    dataset: str
    record_id: str
    name: str | None
    code: str | None
    document: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of hits, newest first, and how many there are in all.

    `updating` are the datasets that were left out because they are being updated.
    """

    total: int
    items: list[Hit]
    updating: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """The folder of releases. Opens nothing until asked; safe to share between threads.

    `today` says which day it is where the departments are.

    A dataset that the catalogue doesn't know, or that isn't public any more, isn't shown. Every
    method may raise Corrupt where a release can't be read.
    """

    releases: Path
    catalogue: Catalogue
    today: Callable[[], date] = today

    def datasets(self) -> list[Release]:
        """The current release of every dataset that has one, in the order of the catalogue."""
        found = (self.latest(dataset) for dataset in self.catalogue.datasets())
        return [release for release in found if release is not None]

    def latest(self, dataset: str) -> Release | None:
        """The current release of a dataset; None where there is none."""
        return current_release(self.releases, dataset) if self._shows(dataset) else None

    def release(self, dataset: str, number: int) -> Release | None:
        """One release of a dataset; None where there is none of that number."""
        return find_release(self.releases, dataset, number) if self._shows(dataset) else None

    def history(self, dataset: str, skip: int = 0, most: int | None = None) -> list[Release]:
        """Releases of a dataset, newest first: all, or `most` after the first `skip`."""
        return list_releases(self.releases, dataset, skip, most) if self._shows(dataset) else []

    def good(self, release: Release) -> bool:
        """Whether the release's records may be shown today."""
        return release.good_on(self.today())

    def updating(self, dataset: str | None = None) -> tuple[str, ...]:
        """The datasets whose current release is past its `good_until`: of all, or of one."""
        asked = self.datasets() if dataset is None else [self.latest(dataset)]
        return tuple(one.dataset for one in asked if one is not None and not self.good(one))

    def taken_back_by(self, release: Release) -> int | None:
        """The release that took back records of this one, so its files aren't public; None: none."""
        return followed_by(self.releases, release)

    def search(
        self, query: str, dataset: str | None = None, page: int = 1, size: int = 20
    ) -> Hits:
        """The records with `query` in name, code or document number, newest first.

        Words between blanks must all be found. Case, width, brackets and hyphens don't matter.
        """
        first = max(0, (page - 1) * size)
        size = size if first + size <= DEEPEST else 0
        if dataset is not None:
            hits = self._hits(dataset, query, first, size)
            return replace(hits, updating=self.updating(dataset))
        # Each dataset's hits are in the order of dates, so merging their beginnings is enough.
        found = [self._hits(one.dataset, query, 0, first + size) for one in self.datasets()]
        merged = heapq.merge(*(hits.items for hits in found), key=_date, reverse=True)
        items = list(islice(merged, first, first + size))
        return Hits(sum(hits.total for hits in found), items, self.updating())

    def _hits(self, dataset: str, query: str, first: int, size: int) -> Hits:
        nothing = Hits(0, [])
        return self._read(dataset, lambda one: _search(one, query, first, size), nothing)

    def record(self, dataset: str, record_id: str) -> dict[str, Any] | None:
        """One record as released, in the order of the standard; None where there is none."""
        return self._read(dataset, lambda release: self._record(release, record_id), None)

    def _record(self, release: Release, record_id: str) -> dict[str, Any] | None:
        with open_index(release.path / INDEX) as index:
            place = index.place(record_id)
        if place is None:
            return None
        start, length = place
        with (release.path / RECORDS).open("rb") as file:
            file.seek(start)
            return self._ordered(release, file.read(length))

    def subject(self, code: str) -> dict[str, list[Hit]]:
        """Each dataset's records of the subject with this credit code, newest first."""
        wanted = "".join(code.split()).upper()
        nothing: list[Hit] = []
        found = {
            one.dataset: self._read(one.dataset, lambda it: _of_code(it, wanted), nothing)
            for one in self.datasets()
        }
        return {dataset: hits for dataset, hits in found.items() if hits}

    def years(self, dataset: str) -> dict[str, int]:
        """year → how many records of a dataset are of it, by the date of its roles."""
        return self._read(dataset, _years, {})

    def preview(self, dataset: str, rows: int = 10) -> list[dict[str, Any]]:
        """The newest records of a dataset, as `record` gives them."""
        return self._read(dataset, lambda release: self._newest(release, rows), [])

    def _newest(self, release: Release, rows: int) -> list[dict[str, Any]]:
        with (release.path / RECORDS).open("rb") as file:
            return [self._ordered(release, line) for line in islice(file, rows)]

    def _read(self, dataset: str, ask: Callable[[Release], Answer], nothing: Answer) -> Answer:
        """What `ask` finds in the current release; `nothing` where none may be shown.

        Files that vanish while they are read were erased because a new release is in place: that
        one is asked then.
        """
        while True:
            release = self.latest(dataset)
            if release is None or not self.good(release):
                return nothing
            try:
                return ask(release)
            except (OSError, sqlite3.Error):
                if self.latest(dataset) == release:
                    raise

    def _shows(self, dataset: str) -> bool:
        # The name may come from an address: it must not lead out of the folder.
        if not _DATASET.fullmatch(dataset) or dataset not in self.catalogue.datasets():
            return False
        return self.catalogue.get(dataset).public

    def _ordered(self, release: Release, line: bytes) -> dict[str, Any]:
        record: dict[str, Any] = orjson.loads(line)
        standard = self.catalogue.get(release.dataset, release.standard_version)
        names = [RECORD_ID, *standard.fields, *HUB_FIELDS]
        known = {name: record[name] for name in names if name in record}
        return known | record


def _date(hit: Hit) -> str:
    return hit.date or ""


def _years(release: Release) -> dict[str, int]:
    with open_index(release.path / INDEX) as index:
        return index.years()


def _search(release: Release, query: str, first: int, size: int) -> Hits:
    with open_index(release.path / INDEX) as index:
        items = [_hit(release, found) for found in index.find(query, first, size)]
        return Hits(index.count(query), items)


def _of_code(release: Release, code: str) -> list[Hit]:
    with open_index(release.path / INDEX) as index:
        return [_hit(release, found) for found in index.of_code(code)]


def _hit(release: Release, found: Found) -> Hit:
    return Hit(
        release.dataset, found.record_id, found.name, found.code, found.document, found.date
    )
