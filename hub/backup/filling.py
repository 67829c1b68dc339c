"""Filling the tables of an empty database with rows that come from another one.

Triggers hold each single move of a case or a disclosure to its procedure. Rows that were in a database of
the hub have gone that way, so no trigger is there meanwhile; all are made anew from the program's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Table, delete

from hub import triggers
from hub.all_tables import ALL
from hub.backup.database_copy import numbers_go_on
from hub.ledger_partitions import prepare
from hub.tables import dataset


@contextmanager
def filling(connection: Connection) -> Iterator[Iterator[Table]]:
    """Gives every table in the order in which it is to be filled; what is raised in the block is to roll
    the transaction back."""
    triggers.drop(connection)
    for table in reversed(ALL.sorted_tables):  # what making the tables has put into them
        connection.execute(delete(table))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    yield _in_order(connection)
    triggers.make(connection, ALL)
    if connection.dialect.name == "postgresql":
        numbers_go_on(connection)


def _in_order(connection: Connection) -> Iterator[Table]:
    """Datasets first: the parts of the ledger are theirs."""
    yield dataset
    prepare(connection)
    yield from (table for table in ALL.sorted_tables if table is not dataset)
