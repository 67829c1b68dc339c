"""Notices and the hub's keys in a database; a notice marks the record in `exchange_current`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import orjson
from sqlalchemy import Engine, delete, func, insert, select, update

from hub.consume import sql_current
from hub.consume.notices import FOLDER, Notice, StoresOf
from hub.consume.sql_lock import locked
from hub.consume.sql_store import SqlStore
from hub.consume.sql_tables import exchange_cursor, exchange_hub_key, exchange_notice
from hub.consume.store import Store
from hub.instant import utc_now


class SqlNotices:
    """As `hub.consume.notices.NoticeBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def receiving(self) -> AbstractContextManager[None]:
        """As `NoticeBook.receiving`."""
        return locked(self._engine, FOLDER)

    def last(self) -> int:
        """As `NoticeBook.last`."""
        with self._engine.connect() as connection:
            return int(connection.scalar(select(func.max(exchange_notice.c.id))) or 0)

    def keep(self, notice: Notice) -> None:
        """As `NoticeBook.keep`: the record is marked in the same transaction."""
        row = {name: notice.get(name) for name in ("id", "dataset", "key", "act")}
        row |= {"body": orjson.dumps(notice).decode(), "taken_at": utc_now()}
        with self._engine.begin() as connection:
            connection.execute(insert(exchange_notice).values(row))
            for name in stored_as(self._engine, notice["dataset"]):
                sql_current.withdraw(connection, name)

    def unconfirmed(self) -> list[Notice]:
        """As `NoticeBook.unconfirmed`."""
        query = select(exchange_notice.c.body).where(exchange_notice.c.confirmed_at.is_(None))
        with self._engine.connect() as connection:
            bodies = connection.scalars(query.order_by(exchange_notice.c.id)).all()
        return [orjson.loads(body) for body in bodies]

    def confirmed(self, number: int) -> None:
        """As `NoticeBook.confirmed`."""
        mine = exchange_notice.c.id == number
        with self._engine.begin() as connection:
            connection.execute(update(exchange_notice).where(mine).values(confirmed_at=utc_now()))


class SqlKeys:
    """As `hub.consume.store.KeyStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keys(self) -> list[dict[str, Any]]:
        """As `KeyStore.keys`."""
        query = select(exchange_hub_key).order_by(exchange_hub_key.c.valid_from)
        with self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def keep_keys(self, keys: list[dict[str, Any]]) -> None:
        """As `KeyStore.keep_keys`."""
        with self._engine.begin() as connection:
            connection.execute(delete(exchange_hub_key))
            connection.execute(insert(exchange_hub_key), keys)


def stored_as(engine: Engine, dataset: str) -> list[str]:
    """The dataset and its translations that the database has: D, D@2 …"""
    with engine.connect() as connection:
        names = connection.scalars(select(exchange_cursor.c.dataset)).all()
    return sorted(name for name in names if name.partition("@")[0] == dataset)


def stores_of(engine: Engine) -> StoresOf:
    """The stores that hold a dataset's entries."""

    def of(dataset: str) -> Iterator[Store]:
        for name in stored_as(engine, dataset):
            yield SqlStore(engine, dataset, name.partition("@")[2] or None)

    return of
