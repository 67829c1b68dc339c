"""The ledger's tables in parts, on PostgreSQL: each dataset's own, and none that grows without end.

`revision` and `segment` are cut by dataset and every `ROWS` sequence numbers, `head` by dataset. What is
read of one dataset touches its own parts only, an index never outgrows memory, and a part that is full
is never written again. SQLite has one table each, and nothing here does anything there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, select, text

from hub.tables import dataset, head, revision, segment

ROWS = 10_000_000  # sequence numbers of a dataset in one part of `revision`, and of `segment`

_MAKING = 0x6875622E70617274  # the lock of whoever makes parts: "hub.part"


def make_room(connection: Connection, number: int, first: int, last: int) -> int:
    """Make the parts that dataset `number` needs for sequence numbers `first` to `last`, and the next one
    ahead once that is half full; returns the last sequence number that there is room for.

    They are made in a transaction of their own, so that no other run waits for the caller's to end.
    """
    if not is_partitioned(connection):
        return sys.maxsize
    begin, end = first // ROWS, (last + ROWS // 2) // ROWS
    names = [name for n in range(begin, end + 1) for name, _, _ in _parts(number, n)]
    missing = text(
        "SELECT count(*) FROM unnest(CAST(:names AS text[])) n WHERE to_regclass(n) IS NULL"
    )
    if connection.scalar(missing, {"names": names}):
        with connection.engine.begin() as own:
            own.execute(select(func.pg_advisory_xact_lock(_MAKING)))
            _make(own, number, begin, end)
    return (end + 1) * ROWS - 1


def prepare(connection: Connection) -> None:
    """Make all parts that the rows of `dataset` need, in the caller's transaction: before a ledger from
    elsewhere is loaded into empty tables."""
    if not is_partitioned(connection):
        return
    connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
    for number, seq in connection.execute(select(dataset.c.id, dataset.c.seq)).all():
        _make(connection, number, 0, (seq + ROWS // 2) // ROWS)


def newest_parts(connection: Connection, number: int, last: int) -> list[str]:
    """The tables in which the dataset's newest revisions and its heads are; none on SQLite."""
    if not is_partitioned(connection):
        return []
    return [name for name, table, _ in _parts(number, last // ROWS) if table is not segment]


def is_partitioned(connection: Connection) -> bool:
    """Whether this database's ledger is in parts."""
    if connection.dialect.name != "postgresql":
        return False
    kind = text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('revision')")
    return bool(connection.scalar(kind))


def _parts(number: int, n: int) -> Iterator[tuple[str, Table, str]]:
    """(name, table, bounds) of a dataset's parts with sequence numbers from `n` times `ROWS` on."""
    bounds = f"FROM ({number}, {n * ROWS}) TO ({number}, {(n + 1) * ROWS})"
    yield f"revision_{number}_{n}", revision, bounds
    yield f"segment_{number}_{n}", segment, bounds
    yield f"head_{number}", head, f"IN ({number})"


def _make(connection: Connection, number: int, first: int, last: int) -> None:
    """Make the parts `first` to `last` that aren't there.

    Made beside and then attached: that lets others read and write meanwhile, which making them in
    place doesn't.
    """
    for n in range(first, last + 1):
        for name, table, bounds in _parts(number, n):
            if connection.scalar(select(func.to_regclass(name))) is None:
                like = f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL)"
                connection.execute(text(like))
                attach = f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES {bounds}"
                connection.execute(text(attach))
