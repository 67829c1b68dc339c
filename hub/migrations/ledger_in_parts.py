"""Revision 0002 on PostgreSQL: the ledger's tables are cut into parts, each dataset's own.

Frozen: the bounds and the names of parts as they were then. The disk holds the ledger twice meanwhile.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from hub.migrations import aside

_ROWS = 10_000_000  # sequence numbers in one part

_PARTED = MetaData()
_REVISION = Table(
    "revision",
    _PARTED,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("operation", Integer, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("run_id", Integer, nullable=False),
    CheckConstraint("operation IN (1, 2)", name="revision_operation"),
    Index("revision_by_key", "key", postgresql_using="hash"),
    postgresql_partition_by="RANGE (dataset_id, seq)",
)
_SEGMENT = Table(
    "segment",
    _PARTED,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    postgresql_partition_by="RANGE (dataset_id, first_seq)",
)
_HEAD = Table(
    "head",
    _PARTED,
    Column("dataset_id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("feed_id", Integer, nullable=False),
    postgresql_partition_by="LIST (dataset_id)",
)


def cut(connection: Connection) -> None:
    """Make the tables anew in parts, with their rows; SQLite keeps one table each."""
    if connection.dialect.name != "postgresql":
        return
    for table in _PARTED.sorted_tables:
        aside.set_aside(connection, table.name)
    _PARTED.create_all(connection)
    for number, seq in connection.exec_driver_sql("SELECT id, seq FROM dataset ORDER BY id").all():
        _make_parts(connection, number, (seq + _ROWS // 2) // _ROWS)
    for table in _PARTED.sorted_tables:
        aside.copy(connection, table, {})
        aside.drop(connection, table.name)


def _make_parts(connection: Connection, number: int, last: int) -> None:
    """The parts of a dataset up to part `last`."""
    part = "CREATE TABLE {}_{} PARTITION OF {} FOR VALUES {}"
    connection.exec_driver_sql(part.format("head", number, "head", f"IN ({number})"))
    for n in range(last + 1):
        bounds = f"FROM ({number}, {n * _ROWS}) TO ({number}, {(n + 1) * _ROWS})"
        for name in ("revision", "segment"):
            connection.exec_driver_sql(part.format(name, f"{number}_{n}", name, bounds))
