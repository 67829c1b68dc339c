"""The records of a dataset as a table of CKAN's datastore, with types and a primary key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl

from publisher.ckan.client import Client
from publisher.ckan.failures import Absent, Conflict, Slow, TooLarge
from publisher.ckan.rows import HELD, Column, as_rows, held_of
from publisher.columns import RECORD_ID

PAGE = 20_000  # rows read at a time; a CKAN may give fewer (`ckan.datastore.search.rows_max`)
IDS = 2_000  # record ids in one filter
LEAST = 100  # rows of a call that isn't made smaller any more


@dataclass(frozen=True, slots=True)
class DataTable:
    """The table of a resource. Whatever is done is done whole in each call, or not at all; doing it
    twice is doing it once."""

    client: Client
    resource: str
    columns: Sequence[Column]

    def fields(self) -> list[tuple[str, str]] | None:
        """Names and types of the table's columns; None where there is no table."""
        try:
            told = self._search(limit=0)
        except Absent:
            return None
        return [(f["id"], f["type"]) for f in told["fields"] if not f["id"].startswith("_")]

    def fits(self) -> bool:
        """Whether there is a table with these columns."""
        return self.fields() == [(one.name, one.type) for one in self.columns]

    def create(self) -> None:
        """Make the empty table; where there is one, it gets what it lacks."""
        fields = [one.as_field() for one in self.columns]
        self.client.call("datastore_create", resource_id=self.resource, fields=fields,
                         primary_key=[RECORD_ID], force=True)  # fmt: skip

    def drop(self) -> None:
        """Delete the table with all of its rows."""
        drop_table(self.client, self.resource)

    def write(self, lines: pl.Series, *, fresh: bool) -> None:
        """Write these lines of a release, in one call: their rows appear together.

        `fresh`: none of them is there, so far as is known, which is quicker.
        """
        told = {"resource_id": self.resource, "records": as_rows(lines, self.columns)}
        if fresh:
            with suppress(Conflict):  # a call that seemed to fail had been done
                self.client.call("datastore_upsert", method="insert", force=True, **told)
                return
        self.client.call("datastore_upsert", method="upsert", force=True, **told)

    def write_in_halves(self, lines: pl.Series, *, fresh: bool) -> None:
        """As `write`, where a call was too large or too slow for the server: in ever smaller ones."""
        half = (lines.len() + 1) // 2
        for part in (lines.head(half), lines.slice(half)):
            try:
                self.write(part, fresh=fresh)
            except (TooLarge, Slow):
                if half <= LEAST:
                    raise
                self.write_in_halves(part, fresh=fresh)

    def delete(self, ids: pl.Series) -> None:
        """Delete these records; those that aren't there are passed over."""
        for part in _parts(ids):
            self.client.call("datastore_records_delete", resource_id=self.resource,
                             filters={RECORD_ID: part}, force=True)  # fmt: skip

    def count(self) -> int:
        """How many rows there are."""
        return int(self._search(limit=0)["total"])

    def present(self, ids: pl.Series) -> int:
        """How many of these records are there."""
        asked = ({RECORD_ID: part} for part in _parts(ids))
        return sum(int(self._search(limit=0, filters=one)["total"]) for one in asked)

    def held(self) -> pl.DataFrame:
        """`HELD` of every row, read back in the order of record ids."""
        return pl.concat([pl.DataFrame(schema=HELD), *self._pages()])

    def held_of(self, ids: pl.Series) -> pl.DataFrame:
        """`HELD` of these records, so far as they are there."""
        found = [self._rows(limit=IDS, filters={RECORD_ID: part}) for part in _parts(ids)]
        return pl.concat([pl.DataFrame(schema=HELD), *found])

    def _pages(self) -> Iterator[pl.DataFrame]:
        offset = 0
        while not (page := self._rows(limit=PAGE, offset=offset, sort=RECORD_ID)).is_empty():
            yield page
            offset += page.height

    def _rows(self, **told: Any) -> pl.DataFrame:
        names = [one.name for one in self.columns]
        found = self._search(fields=names, records_format="csv", include_total=False, **told)
        return held_of(str(found["records"] or ""), self.columns)

    def _search(self, **told: Any) -> dict[str, Any]:
        return dict(self.client.call("datastore_search", resource_id=self.resource, **told))


def drop_table(client: Client, resource: str) -> None:
    """Delete the table of a resource, if there is one."""
    with suppress(Absent):
        client.call("datastore_delete", resource_id=resource, force=True)


def _parts(ids: pl.Series) -> Iterator[list[str]]:
    # Never an empty list: CKAN takes a filter of nothing for everything.
    for start in range(0, ids.len(), IDS):
        yield ids.slice(start, IDS).to_list()
