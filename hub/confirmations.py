"""Where what was taken back is gone: one row says it of a surface, for a release and all before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select

from hub.instant import utc_now
from hub.tables import dataset
from hub.tables_of_copies import confirmation

FILES, SEARCH, FEEDS = OWN = ("files", "search", "feeds")


def surface_of(target: str) -> str:
    """The surface that is a CKAN."""
    return f"ckan:{target}"


def ids_sha256(ids: Iterable[str]) -> str:
    """Hex SHA-256 of record ids, sorted, one to a line."""
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def confirm(
    connection: Connection, number: int, surface: str, release: int, records: int, digest: str
) -> None:
    """Note that `records` records of dataset `number` were looked for and are gone; the first one
    who says so of a release counts."""
    mine = (confirmation.c.dataset_id == number) & (confirmation.c.surface == surface)
    if connection.scalar(select(exists().where(mine, confirmation.c.release == release))):
        return
    row = {
        "dataset_id": number, "surface": surface, "release": release, "records": records,
        "ids_sha256": digest, "confirmed_at": utc_now(),
    }  # fmt: skip
    connection.execute(insert(confirmation).values(row))


def confirmed_at(connection: Connection, number: int, surface: str, release: int) -> str | None:
    """When a surface was first found to be without what was taken back by a release; None: not yet."""
    mine = (confirmation.c.dataset_id == number) & (confirmation.c.surface == surface)
    first = select(func.min(confirmation.c.confirmed_at))
    found = connection.scalar(first.where(mine, confirmation.c.release >= release))
    return None if found is None else str(found)


def of_dataset(connection: Connection, name: str) -> dict[str, list[dict[str, Any]]]:
    """surface → {release, at} of each confirmation, in the order of releases."""
    query = (
        select(confirmation.c.surface, confirmation.c.release, confirmation.c.confirmed_at)
        .join(dataset, dataset.c.id == confirmation.c.dataset_id)
        .where(dataset.c.name == name)
        .order_by(confirmation.c.surface, confirmation.c.release)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for surface, release, at in connection.execute(query):
        found.setdefault(surface, []).append({"release": release, "at": at})
    return found
