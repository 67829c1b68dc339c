"""Views of a dataset: what a stream's consumers have in common.

Consumers whose view is equal share one stream. Where the keys would tell what the audience doesn't see,
they are pseudonyms with the consumer's own salt, so the view is that consumer's alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, RowMapping, Select, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.consumers.consumer import Consumer
from hub.exchange.private_keys import keys_are_private
from hub.exchange.tables import exchange_view
from hub.instant import utc_now
from hub.ledger import dataset_id
from hub.tables import consumer, dataset

SEGMENT_ENTRIES = 262_144
_SMALLEST, _LARGEST = 256, 1 << 20
_TOLD = (8, 16, 64)  # hex digits of a name's hash: more only where two views had the same


class Granted(Protocol):
    """What a view is made of: `hub.grants.grant.Grant` has it."""

    @property
    def dataset(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def association(self) -> str | None: ...
    @property
    def fields(self) -> tuple[str, ...] | None: ...


@dataclass(frozen=True, slots=True)
class View:
    """One view of a dataset, and so one stream.

    `fields` are the granted ones (None: all of the audience's); `salt` makes the keys pseudonyms
    (None: they are plain). `segment_entries` is a power of two and stays as it is.
    """

    id: int
    dataset: str
    name: str
    audience: str
    association: str | None
    fields: tuple[str, ...] | None
    salt: bytes | None = field(repr=False)
    segment_entries: int


def view_for(
    connection: Connection, catalogue: Catalogue, consumer: Consumer, grant: Granted
) -> View:
    """The consumer's view under its grant, found or made; the transaction must be one that writes.

    Raises Misdeclared (dataset_unknown, segment_entries_wrong).
    """
    fields = None if grant.fields is None else tuple(sorted(set(grant.fields)))
    private = keys_are_private(catalogue, grant.dataset, grant.audience, fields)
    apart = {
        "audience": grant.audience,
        "association": grant.association,
        "fields": None if fields is None else json.dumps(fields),
        "consumer_id": consumer.id if private else None,
    }
    number = dataset_id(connection, grant.dataset)
    for digits in _TOLD:
        row = {"dataset_id": number, "name": _name(apart, digits), **apart}
        found = _found_or_made(connection, row)
        if all(found[name] == value for name, value in apart.items()):
            return _view(found)
    raise AssertionError("two views with one SHA-256")


def find_view(connection: Connection, name: str, view: str) -> View:
    """A dataset's view by its name; raises Misdeclared (view_unknown)."""
    mine = (dataset.c.name == name) & (exchange_view.c.name == view)
    row = connection.execute(_query().where(mine)).mappings().first()
    if row is None:
        raise Misdeclared(Issue("view_unknown", value=view, params={"dataset": name}))
    return _view(row)


def views_of(connection: Connection, name: str | None = None) -> list[View]:
    """All views, or those of one dataset, by dataset and name."""
    query = _query().order_by(dataset.c.name, exchange_view.c.name)
    if name is not None:
        query = query.where(dataset.c.name == name)
    return [_view(row) for row in connection.execute(query).mappings()]


def segment_entries(environment: Mapping[str, str]) -> int:
    """How many entries a segment of a new view has: `HUB_SEGMENT_ENTRIES`, a power of two from 256
    to 1,048,576, so that every segment is a whole subtree. Raises Misdeclared."""
    text = environment.get("HUB_SEGMENT_ENTRIES", str(SEGMENT_ENTRIES))
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not _SMALLEST <= count <= _LARGEST or count & (count - 1):
        raise Misdeclared(Issue("segment_entries_wrong", value=text))
    return count


def _name(apart: Mapping[str, object], digits: int) -> str:
    more = {name: value for name, value in apart.items() if name != "audience" and value}
    if not more:
        return str(apart["audience"])
    text = json.dumps(more, sort_keys=True).encode()
    return f"{apart['audience']}-{hashlib.sha256(text).hexdigest()[:digits]}"


def _found_or_made(connection: Connection, row: Mapping[str, object]) -> RowMapping:
    where = (exchange_view.c.dataset_id == row["dataset_id"]) & (
        exchange_view.c.name == row["name"]
    )
    found = connection.execute(_query().where(where)).mappings().first()
    if found is not None:
        return found
    # Two requests may make it at once: the second waits, and finds the first one's.
    new = {**row, "segment_entries": segment_entries(os.environ), "created_at": utc_now()}
    postgresql = connection.dialect.name == "postgresql"
    kind = postgresql_insert if postgresql else sqlite_insert
    connection.execute(kind(exchange_view).values(new).on_conflict_do_nothing())
    return connection.execute(_query().where(where)).mappings().one()


def _query() -> Select[Any]:
    return (
        select(exchange_view, dataset.c.name.label("dataset"), consumer.c.salt)
        .join(dataset, dataset.c.id == exchange_view.c.dataset_id)
        .join(consumer, consumer.c.id == exchange_view.c.consumer_id, isouter=True)
    )


def _view(row: RowMapping) -> View:
    return View(
        id=row["id"],
        dataset=row["dataset"],
        name=row["name"],
        audience=row["audience"],
        association=row["association"],
        fields=None if row["fields"] is None else tuple(json.loads(row["fields"])),
        salt=None if row["salt"] is None else bytes(row["salt"]),
        segment_entries=row["segment_entries"],
    )
