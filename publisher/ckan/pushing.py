"""A release brought into a CKAN, in an order in which nobody sees half of it.

CKAN has no transaction over several calls, so the order stands for one:

1. Records that left go first: each call deletes whole records, and what remains is still right.
2. Files follow: each replaces its own old bytes, in which such records may stand.
3. New and changed records are written in one call, which CKAN does whole or not at all. Where one
   call can't hold them, or the columns are others, the dataset is hidden first.
4. What was written is read back. Then one call names the release, its counts and digests, and shows
   the dataset again.

So the metadata never promise what isn't there, whoever can see a dataset sees whole records of one
release or of that release without those that left, and what left is never there again. Each step
looks at what is there and does what is missing: a push that died is finished by the next one, and a
second push changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from exchange_schemas.errors import TargetRefused, TargetUnavailable
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from publisher.ckan.changes import Changes, changes
from publisher.ckan.client import Client
from publisher.ckan.describing import (
    KEY,
    TABLE,
    Part,
    package_of,
    parts_of,
    said_otherwise,
    table_of,
)
from publisher.ckan.failures import Slow, TooLarge
from publisher.ckan.package import Package, restated
from publisher.ckan.rows import columns_of, lines_of
from publisher.ckan.table import DataTable, drop_table
from publisher.ckan.verifying import check_files, check_rows, wrong_files
from publisher.disk import sha256
from publisher.manifest import MANIFEST, Release
from publisher.release import current_release


class Watch(Protocol):
    """Told what is being done: a step, and how many rows of it."""

    def step(self, name: str) -> None:
        """A named step begins."""

    def rows(self, count: int) -> None:
        """So many rows since the step began."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did: records deleted and written, files sent, and the SHA-256 (hex) of the sorted
    ids of what was deleted, one to a line, which was then read back and not there."""

    dataset: str
    release: int
    removed: int
    removed_sha256: str
    written: int
    files: tuple[str, ...]
    hidden: bool
    calls: int
    left_out: tuple[Issue, ...] = ()
    manifest_sha256: str = ""


@dataclass(slots=True)
class Push:
    """One release into one CKAN. `take_back`, then `bring`.

    With `whole` everything that is there is compared, whatever the CKAN says that it has.
    """

    client: Client
    standard: Standard
    release: Release
    watch: Watch
    whole: bool = False
    package: Package = field(init=False)
    _table: DataTable | None = field(init=False, default=None)
    _changes: Changes | None = field(init=False, default=None)
    _sent: list[str] = field(init=False, default_factory=list)
    _hid: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.package = Package(self.client, self.client.target.package(self.standard.dataset))

    def take_back(self) -> None:
        """Steps 1 and 2: nothing that left is there any more, in the table or in a file."""
        self.watch.step("taking back")
        self.package.open(self.standard)
        self._open_table()
        if self._table is not None and self._changes is not None:
            self._table.delete(self._changes.removed)
        self._put_files()

    def bring(self) -> Pushed:
        """Steps 3 and 4."""
        self._check_current()
        if self._table is not None and self._changes is not None:
            self._write(self._table, self._changes)
            self._read_back(self._table, self._changes)
        check_files(self.client, self.package, self._parts(), self.release, self._sent)
        self._check_current()
        self._name()
        removed = self._confirm()
        return Pushed(
            self.release.dataset, self.release.number, removed.len(), _digest(removed),
            self._changes.written.len() if self._changes else 0, tuple(self._sent), self._hid,
            self.client.calls, tuple(parts_of(self.release, self.client.target)[1]),
            sha256(self.release.path / MANIFEST),
        )  # fmt: skip

    def _open_table(self) -> None:
        """The table, as the release has columns, and what it lacks."""
        if not self.client.target.table:
            return
        resource = self.package.table(table_of(self.standard, self.release))
        table = DataTable(self.client, resource, columns_of(self.release))
        fresh = not table.fits()
        if fresh:
            if table.fields() is not None:
                self._hide()
                table.drop()
            table.create()
        # Hidden, it is in the middle of something that was broken off.
        known = None if self.whole or fresh or self.package.hidden else self.package.release
        self._table, self._changes = table, changes(self.release, known, table.held)

    def _parts(self) -> list[Part]:
        return parts_of(self.release, self.client.target)[0]

    def _put_files(self) -> None:
        parts = self._parts()
        wanted = {part.name for part in parts} | ({TABLE} if self.client.target.table else set())
        for resource in self.package.superfluous(wanted):
            self.package.remove(resource)
        wrong = wrong_files(self.client, self.package, parts) if self.whole else set()
        for part in parts:
            self.watch.step(part.name)
            path, again = self.release.path / part.name, part.name in wrong
            if self.package.put(part, path, again=again):
                self._sent.append(part.name)
        for resource_id in self.package.strays():
            drop_table(self.client, resource_id)

    def _write(self, table: DataTable, wanted: Changes) -> None:
        most, count = self.client.target.rows_a_call, wanted.written.len()
        if count > most:
            self._hide()
        self.watch.step("records")
        done = 0
        for lines in lines_of(self.release, wanted.written):
            for start in range(0, lines.len(), most):
                self._check_current()
                part = lines.slice(start, most)
                self._write_part(table, part, fresh=wanted.fresh)
                done += part.len()
                self.watch.rows(done)

    def _write_part(self, table: DataTable, part: pl.Series, *, fresh: bool) -> None:
        """One call; where the server can't do it in one, several, and nobody looks."""
        try:
            table.write(part, fresh=fresh)
        except (TooLarge, Slow):
            self._hide()
            table.write_in_halves(part, fresh=fresh)

    def _hide(self) -> None:
        if not self.package.hidden:
            self.package.patch(private=True)
        self._hid = True

    def _read_back(self, table: DataTable, wanted: Changes) -> None:
        """Raises TargetRefused (ckan_differs)."""
        self.watch.step("reading back")
        ids = None if wanted.whole and wanted.written.len() else wanted.written
        for issue in check_rows(table, self.release, ids):
            raise TargetRefused(issue)

    def _name(self) -> None:
        """One call that says which release this is, and shows it."""
        wanted = package_of(self.standard, self.release, self.client.target)
        wanted |= {"private": False, "state": "active"}
        told = {name: wanted[name] for name in said_otherwise(self.package.shown, wanted)}
        resources = self._restated()
        if told or resources:
            self.watch.step("naming the release")
            self.package.patch(**told, **({"resources": resources} if resources else {}))

    def _restated(self) -> list[dict[str, object]] | None:
        """All resources, where one of them is to be described otherwise."""
        described = {part.name: part.described() for part in self._parts()}
        if self.client.target.table:
            described[TABLE] = table_of(self.standard, self.release)
        said = [(one, described.get(str(one.get(KEY)), {})) for one in self.package.resources()]
        if all(restated(one, words) is None for one, words in said):
            return None
        return [restated(one, words) or one for one, words in said]

    def _confirm(self) -> pl.Series:
        """The ids of what left, once they were read back and are gone.

        Raises TargetUnavailable (ckan_still_there): a call of a push that was thought dead may have
        come after ours.
        """
        if self._table is None or self._changes is None:
            return pl.Series([], dtype=pl.String)
        removed = self._changes.removed
        if count := self._table.present(removed):
            words = {"dataset": self.release.dataset, "what": str(count), "place": TABLE}
            raise TargetUnavailable(Issue("ckan_still_there", params=words))
        return removed

    def _check_current(self) -> None:
        """Raises TargetUnavailable (ckan_overtaken) where a later release was made since."""
        newest = current_release(self.release.path.parent.parent, self.release.dataset)
        if newest is None or newest.number != self.release.number:
            words = {"dataset": self.release.dataset, "release": str(self.release.number)}
            raise TargetUnavailable(Issue("ckan_overtaken", params=words))


def _digest(ids: pl.Series) -> str:
    return hashlib.sha256("\n".join(ids.sort()).encode()).hexdigest()
