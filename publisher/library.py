"""Everything that was released, for reading: what the portal knows of the world.

Each question reads current.json anew, so a release counts from the moment it is in place. A release
that is past its `good_until` may show a record whose term is over, so none of its records are given:
its dataset is being updated. Nothing here opens the hub's database.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import orjson

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Corrupt
from exchange_schemas.standard import Standard
from publisher import searching, tables
from publisher.columns import HUB_FIELDS, RECORD_ID
from publisher.query import EVERYTHING, Filters, Hit, Hits, Rows
from publisher.release import (
    Release,
    current_release,
    find_release,
    followed_by,
    list_releases,
)
from publisher.searching import Part, Question
from publisher.store import FileStore, Store
from publisher.tables import Wanted

Answer = TypeVar("Answer")
Other = TypeVar("Other")

_log = logging.getLogger(__name__)
_DATASET = re.compile(r"[a-z][a-z0-9_]{0,63}")


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
    store: Store = field(default_factory=FileStore)

    def datasets(self) -> list[Release]:
        """The current release of every dataset that has one, in the order of the catalogue.

        Those that can't be read are left out; `updating` names them.
        """
        return [release for release in map(self._readable, self.catalogue.datasets()) if release]

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
        """The datasets whose current release may not be shown or can't be read: of all, or of one."""
        asked = self.catalogue.datasets() if dataset is None else [dataset]
        return tuple(name for name in asked if not self._ready(name))

    def _ready(self, dataset: str) -> bool:
        try:
            release = self.latest(dataset)
        except Corrupt:
            return False
        return release is None or self.good(release)

    def _readable(self, dataset: str) -> Release | None:
        try:
            return self.latest(dataset)
        except Corrupt as error:
            _log.warning("%s is left out: %s", dataset, error)
            return None

    def taken_back_by(self, release: Release) -> int | None:
        """The release that took back records of this one, so its files aren't public; None: none."""
        return followed_by(self.releases, release)

    def search(
        self,
        words: str,
        filters: Filters = EVERYTHING,
        after: str | None = None,
        size: int = 20,
        facets: bool = False,
    ) -> Hits:
        """The records with all `words` that pass the filters, newest first; no words: all of them.

        A word is found in name, code, document number, parties, product and batch, in any part. Case,
        width, brackets and hyphens don't matter. `after` is the cursor that the page before gave.
        """
        order = self.catalogue.datasets()
        asked = Question(words, filters, after, size, facets)
        names = [filters.dataset] if filters.dataset else order

        def ask(release: Release) -> Part:
            return searching.part(self.store.index(release), release.dataset, order, asked)

        parts, left_out = self._all(names, ask)
        items, more = searching.page(parts, size)
        told = searching.facets(parts) if facets else {}
        return Hits(sum(one.total for one in parts), items, more, told, left_out)

    def rows(
        self,
        dataset: str,
        where: Mapping[str, str | list[str]] = MappingProxyType({}),
        words: str = "",
        filters: Filters = EVERYTHING,
        sort: str | None = None,
        after: str | None = None,
        offset: int = 0,
        size: int = 20,
    ) -> Rows:
        """A page of a dataset's records as released, by the values of any fields (a list: any of them).

        `sort` is the name of a field, with "-" before it descending; None: the order of the release.
        """
        values = {name: [v] if isinstance(v, str) else v for name, v in where.items()}
        wanted = Wanted(values, words, filters, sort, after, offset, size)

        def ask(release: Release) -> Rows:
            standard = self._standard(release)
            total, ids, more = tables.page(self.store, release, standard, wanted)
            lines = self.store.lines(release, ids)
            ordered = self._order(release)
            return Rows(total, [ordered(line) for line in lines if line], more)

        return self._read(dataset, ask, Rows(0, []))

    def counts(self, dataset: str, by: str, filters: Filters = EVERYTHING) -> dict[str, int]:
        """value → records of a dataset that pass the filters; `by` is month, year, department, county or
        kind. A record with several kinds counts with each."""

        def ask(release: Release) -> dict[str, int]:
            index = self.store.index(release)
            flags = index.matching("", filters)
            return index.periods(by, flags) if by in ("month", "year") else index.tally(by, flags)

        return self._read(dataset, ask, {})

    def newest(self, dataset: str, since: str, size: int = 20) -> list[Hit]:
        """The records that were published first on `since` (2026-01-31) or later, the newest first."""

        def ask(release: Release) -> list[Hit]:
            index = self.store.index(release)
            return searching.hits(index, dataset, searching.newest(index, since, size))

        return self._read(dataset, ask, [])

    def record(self, dataset: str, record_id: str) -> dict[str, Any] | None:
        """One record as released, in the order of the standard; None where there is none."""
        return self._read(dataset, lambda release: self._record(release, record_id), None)

    def _record(self, release: Release, record_id: str) -> dict[str, Any] | None:
        (line,) = self.store.lines(release, [record_id])
        return None if line is None else self._order(release)(line)

    def records(self, dataset: str, record_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """record id → the record as `record` gives it, of those that are there."""

        def ask(release: Release) -> dict[str, dict[str, Any]]:
            lines = self.store.lines(release, record_ids)
            pairs = zip(record_ids, lines, strict=True)
            ordered = self._order(release)
            return {one: ordered(line) for one, line in pairs if line is not None}

        return self._read(dataset, ask, {})

    def subject(self, code: str) -> dict[str, list[Hit]]:
        """Each dataset's records of the subject with this credit code, newest first."""
        wanted = "".join(code.split()).upper()

        def ask(release: Release) -> list[Hit]:
            return searching.of_code(self.store.index(release), release.dataset, wanted)

        found, _ = self._all(self.catalogue.datasets() if wanted else [], ask)
        return {hits[0].dataset: hits for hits in found if hits}

    def years(self, dataset: str) -> dict[str, int]:
        """year → how many records of a dataset are of it, by the date of its roles."""
        return self.counts(dataset, "year")

    def preview(self, dataset: str, rows: int = 10) -> list[dict[str, Any]]:
        """The newest records of a dataset, as `record` gives them."""
        return self.rows(dataset, size=rows).records

    def _all(
        self, names: Sequence[str], ask: Callable[[Release], Answer]
    ) -> tuple[list[Answer], tuple[str, ...]]:
        """What `ask` finds in each dataset that may be shown, and the datasets that were left out."""
        found, left_out = [], list[str]()
        unreadable: tuple[type[Exception], ...] = (Corrupt, *self.store.errors)
        for name in names:
            try:
                release = self.latest(name)
                if release is not None and not self.good(release):
                    left_out.append(name)
                    continue
                answer = self._asked(release, ask, None)
            except unreadable as error:
                _log.warning("%s is left out: %s", name, error)
                left_out.append(name)
                continue
            if answer is not None:
                found.append(answer)
        return found, tuple(left_out)

    def _read(
        self, dataset: str, ask: Callable[[Release], Answer], nothing: Other
    ) -> Answer | Other:
        """What `ask` finds in the current release; `nothing` where none may be shown."""
        return self._asked(self.latest(dataset), ask, nothing)

    def _asked(
        self, release: Release | None, ask: Callable[[Release], Answer], nothing: Other
    ) -> Answer | Other:
        """The same of a current release.

        Files that vanish while they are read were erased because a new release is in place: that
        one is asked then.
        """
        while release is not None and self.good(release):
            try:
                return ask(release)
            except self.store.errors:
                before, release = release, self.latest(release.dataset)
                if before == release:
                    raise
        return nothing

    def _shows(self, dataset: str) -> bool:
        # The name may come from an address: it must not lead out of the folder.
        if not _DATASET.fullmatch(dataset) or dataset not in self.catalogue.folders:
            return False
        return self.catalogue.get(dataset).public

    def _order(self, release: Release) -> Callable[[bytes], dict[str, Any]]:
        """What makes a record of a line of the release, in the order of the standard."""
        names = [RECORD_ID, *self._standard(release).fields, *HUB_FIELDS]

        def ordered(line: bytes) -> dict[str, Any]:
            record: dict[str, Any] = orjson.loads(line)
            return {name: record[name] for name in names if name in record} | record

        return ordered

    def _standard(self, release: Release) -> Standard:
        return self.catalogue.get(release.dataset, release.standard_version)
