"""`exchange_current`: which entry says what each record is now, and which aren't to be shown."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal, select, update

from hub.consume.sql_tables import exchange_current, exchange_entry, exchange_notice

SOME = 500  # keys in one statement
ERASE = "erase"  # the act of a notice that says nothing of whether a record may be shown


def follow(connection: Connection, dataset: str, first: int, last: int) -> None:
    """Take in the entries `first` … `last`: all others are older."""
    mine = (exchange_entry.c.dataset == dataset) & exchange_entry.c.seq.between(first, last)
    touched = select(exchange_entry.c.key).where(mine, exchange_entry.c.key.is_not(None))
    _drop(connection, dataset, exchange_current.c.key.in_(touched))
    _fill(connection, dataset, mine)
    withdraw(connection, dataset)


def settle(connection: Connection, dataset: str, keys: Sequence[str]) -> None:
    """Find anew what stands of these records."""
    for start in range(0, len(keys), SOME):
        some = keys[start : start + SOME]
        _drop(connection, dataset, exchange_current.c.key.in_(some))
        mine = (exchange_entry.c.dataset == dataset) & exchange_entry.c.key.in_(some)
        _fill(connection, dataset, mine)
    withdraw(connection, dataset)


def rebuild(connection: Connection, dataset: str) -> None:
    """Find anew what stands, from all entries."""
    connection.execute(delete(exchange_current).where(exchange_current.c.dataset == dataset))
    _fill(connection, dataset, exchange_entry.c.dataset == dataset)
    withdraw(connection, dataset)


def _drop(connection: Connection, dataset: str, mine: ColumnElement[bool]) -> None:
    here = exchange_current.c.dataset == dataset
    connection.execute(delete(exchange_current).where(here, mine))


def _fill(connection: Connection, dataset: str, mine: ColumnElement[bool]) -> None:
    newest = (
        select(func.max(exchange_entry.c.seq))
        .where(mine, exchange_entry.c.key.is_not(None))
        .group_by(exchange_entry.c.key)
    )
    living = select(literal(dataset), exchange_entry.c.key, exchange_entry.c.seq).where(
        exchange_entry.c.dataset == dataset,
        exchange_entry.c.seq.in_(newest),
        exchange_entry.c.operation == "upsert",
        exchange_entry.c.refused.is_(None),
    )
    connection.execute(insert(exchange_current).from_select(["dataset", "key", "seq"], living))


def withdraw(connection: Connection, dataset: str) -> None:
    """Mark what a notice has taken from the public; no later revision brings it back."""
    base = dataset.partition("@")[0]  # a notice is of the record, in whatever version
    told = (exchange_notice.c.dataset == base) & (exchange_notice.c.act != ERASE)
    since = (
        select(func.min(exchange_notice.c.taken_at))
        .where(told, exchange_notice.c.key == exchange_current.c.key)
        .scalar_subquery()
    )
    mine = exchange_current.c.key.in_(select(exchange_notice.c.key).where(told))
    unmarked = exchange_current.c.withdrawn_at.is_(None)
    connection.execute(
        update(exchange_current)
        .where(exchange_current.c.dataset == dataset, mine, unmarked)
        .values(withdrawn_at=since)
    )
