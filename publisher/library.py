"""Everything that was released, for reading: what the portal knows of the world.

Each question reads current.json anew, so a release counts from the moment it is in place; what
stands in a release never changes. Nothing here opens the hub's database.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from exchange_schemas.catalogue import Catalogue
from publisher.files import INDEX, RECORDS
from publisher.index import Found, open_index
from publisher.release import Release, current_release, find_release, list_releases

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
    """One page of hits, newest first, and how many there are in all."""

    total: int
    items: list[Hit]


@dataclass(frozen=True, slots=True)
class Library:
    """The folder of releases. Opens nothing until asked; safe to share between threads.

    A dataset that the catalogue doesn't know, or that isn't public any more, isn't shown. Every
    method may raise Corrupt where a release can't be read.
    """

    releases: Path
    catalogue: Catalogue

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

    def search(
        self, query: str, dataset: str | None = None, page: int = 1, size: int = 20
    ) -> Hits:
        """The records with `query` in name, code or document number, newest first.

        Words between blanks must all be found. Case, width, brackets and hyphens don't matter.
        """
        first = max(0, (page - 1) * size)
        size = size if first + size <= DEEPEST else 0
        if dataset is not None:
            release = self.latest(dataset)
            return _search(release, query, first, size) if release else Hits(0, [])
        # Each dataset's hits are in the order of dates, so merging their beginnings is enough.
        found = [_search(release, query, 0, first + size) for release in self.datasets()]
        merged = heapq.merge(*(hits.items for hits in found), key=_date, reverse=True)
        return Hits(sum(hits.total for hits in found), list(islice(merged, first, first + size)))

    def record(self, dataset: str, record_id: str) -> dict[str, Any] | None:
        """One record as released, in the order of the standard; None where there is none."""
        release = self.latest(dataset)
        if release is None:
            return None
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
        found = {release.dataset: _of_code(release, wanted) for release in self.datasets()}
        return {dataset: hits for dataset, hits in found.items() if hits}

    def years(self, dataset: str) -> dict[str, int]:
        """year → how many records of a dataset are of it, by the date of its roles."""
        release = self.latest(dataset)
        if release is None:
            return {}
        with open_index(release.path / INDEX) as index:
            return index.years()

    def preview(self, dataset: str, rows: int = 10) -> list[dict[str, Any]]:
        """The newest records of a dataset, as `record` gives them."""
        release = self.latest(dataset)
        if release is None:
            return []
        with (release.path / RECORDS).open("rb") as file:
            return [self._ordered(release, line) for line in islice(file, rows)]

    def _shows(self, dataset: str) -> bool:
        # The name may come from an address: it must not lead out of the folder.
        if not _DATASET.fullmatch(dataset) or dataset not in self.catalogue.datasets():
            return False
        return self.catalogue.get(dataset).public

    def _ordered(self, release: Release, line: bytes) -> dict[str, Any]:
        record: dict[str, Any] = orjson.loads(line)
        standard = self.catalogue.get(release.dataset, release.standard_version)
        names = ["record_id", *standard.fields, "published_on"]
        known = {name: record[name] for name in names if name in record}
        return known | record


def _date(hit: Hit) -> str:
    return hit.date or ""


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
