"""What an upgrade would do, and what is in its way; looks only."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, make_url

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.migrations.exclusive import others
from hub.migrations.revisions import BEFORE, EMPTY, HEAD, REVISIONS, version_of

MEGABYTE = 1_000_000
# Of the database's size: tables that are made anew beside themselves, and a journal to undo it all.
ROOM = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """From which schema to which, by which revisions; who has the database open; the disk that may be
    needed, and what is free where that can be known (MB)."""

    before: str
    after: str
    steps: tuple[str, ...]
    others: tuple[str, ...]
    needed: int
    free: int | None
    place: str

    def check(self) -> None:
        """Raises Refused (upgrade_in_use, upgrade_no_room)."""
        if self.others:
            raise Refused(Issue("upgrade_in_use", value=", ".join(self.others)))
        if self.free is not None and self.free < self.needed:
            words = {"expected": str(self.needed), "found": str(self.free)}
            raise Refused(Issue("upgrade_no_room", value=self.place, params=words))


def plan_of(connection: Connection, url: str) -> Plan:
    """The plan; without steps where nothing is to be done.

    Raises Refused (schema_newer), Misdeclared (schema_missing).
    """
    told = version_of(connection)
    if told == EMPTY:
        raise Misdeclared(Issue("schema_missing"))
    if told != BEFORE and told not in REVISIONS:
        raise Refused(Issue("schema_newer", value=told, params={"expected": HEAD}))
    steps = REVISIONS if told == BEFORE else REVISIONS[REVISIONS.index(told) + 1 :]
    if not steps:
        return Plan(told, HEAD, (), (), 0, None, "")
    needed = ROOM * _size(connection) // MEGABYTE
    free, place = _free(url)
    return Plan(told, HEAD, steps, tuple(others(connection, url)), needed, free, place)


def _size(connection: Connection) -> int:
    if connection.dialect.name == "postgresql":
        query = "SELECT pg_database_size(current_database())"
        return int(connection.exec_driver_sql(query).scalar_one())
    pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    return pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def _free(url: str) -> tuple[int | None, str]:
    """(MB, folder); a server's disk isn't known here."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database or place.database == ":memory:":
        return None, ""
    folder = Path(place.database).parent
    return shutil.disk_usage(folder).free // MEGABYTE, str(folder)
