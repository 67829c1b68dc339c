"""Which schemas there have been, and which of them a database has."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect
from sqlalchemy.exc import DatabaseError

# In their order; each is made from the one before it by its file in `versions`.
REVISIONS = ("0001", "0002", "0003", "0004")
HEAD = REVISIONS[-1]  # what this program needs

EMPTY = "none"  # no table of a hub is there
BEFORE = "before 0001"  # of a site from before schemas had numbers

# As Alembic makes it, in which every database says which schema it has.
version = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_QUERY = "SELECT version_num FROM alembic_version"


def told_version(connection: Connection) -> str | None:
    """What the database says of itself, with one small query; None where it says nothing. Not to be
    asked in a transaction: on PostgreSQL that fails with the query."""
    try:
        return connection.exec_driver_sql(_QUERY).scalar()
    except DatabaseError:  # the caller looks again, and closer
        return None


def version_of(connection: Connection) -> str:
    """The schema that the database has: one of REVISIONS, EMPTY, BEFORE, or what a newer program says."""
    found = inspect(connection)
    if found.has_table(version.name):
        told = connection.exec_driver_sql(_QUERY).scalar()
        if told is not None:
            return str(told)
    return BEFORE if found.has_table("dataset") or found.has_table("run") else EMPTY


def is_older(told: str) -> bool:
    """Whether `hub upgrade` makes this program's schema from that one."""
    return told == BEFORE or told in REVISIONS[:-1]


def stamp(connection: Connection, revision: str) -> None:
    """Have the database say that it has this schema."""
    version.create(connection, checkfirst=True)
    connection.execute(version.delete())
    connection.execute(version.insert().values(version_num=revision))
