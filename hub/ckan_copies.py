"""What each CKAN has of each dataset, as far as the hub knows; the CKAN itself says the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub import jobs
from hub.instant import utc_now
from hub.tables import dataset
from hub.tables_of_copies import ckan_copy

SHOWN = (
    "release", "manifest_sha256", "first_at", "pushed_at", "verified_at", "stopped_at",
    "failed_at", "failure", "failures",
)  # fmt: skip


def copies(connection: Connection, target: str | None = None) -> dict[tuple[str, str], Any]:
    """(target, dataset) → `SHOWN` of each copy: of all, or of one target."""
    query = select(ckan_copy, dataset.c.name).join(dataset, dataset.c.id == ckan_copy.c.dataset_id)
    if target is not None:
        query = query.where(ckan_copy.c.target == target)
    rows = connection.execute(query).mappings()
    return {(row["target"], row["name"]): {name: row[name] for name in SHOWN} for row in rows}


def note(connection: Connection, target: str, number: int, values: Mapping[str, Any]) -> None:
    """Write down what became of a copy."""
    mine = (ckan_copy.c.target == target) & (ckan_copy.c.dataset_id == number)
    if not connection.execute(update(ckan_copy).where(mine).values(dict(values))).rowcount:
        row = {"target": target, "dataset_id": number, "first_at": utc_now(), **values}
        connection.execute(insert(ckan_copy).values(row))


def failed(connection: Connection, target: str, number: int, code: str) -> None:
    """Note that a try went wrong."""
    values = {"failed_at": utc_now(), "failure": code, "failures": ckan_copy.c.failures + 1}
    mine = (ckan_copy.c.target == target) & (ckan_copy.c.dataset_id == number)
    connection.execute(update(ckan_copy).where(mine).values(values))


def may_try(copy: Mapping[str, Any] | None) -> bool:
    """Whether a copy is to be tried now: after a failure twice as late each time, an hour at most."""
    if copy is None or copy["failed_at"] is None:
        return True
    wait = min(jobs.FIRST_WAIT * 2 ** (min(copy["failures"], 20) - 1), jobs.LONGEST_WAIT)
    return datetime.now(UTC) >= datetime.fromisoformat(copy["failed_at"]) + timedelta(seconds=wait)
