"""A database as the place where everything of a hub is received."""

from __future__ import annotations

from hub.consume.notices import NoticeBook, StoresOf
from hub.consume.sql_notices import SqlKeys, SqlNotices, stores_of
from hub.consume.sql_store import SqlStore, open_database
from hub.consume.store import KeyStore, Store


class InDatabase:
    """As `hub.consume.places.Receiving`; raises Misdeclared (store_wrong)."""

    def __init__(self, url: str) -> None:
        self.engine = open_database(url)
        self.book: NoticeBook = SqlNotices(self.engine)
        self.keys: KeyStore = SqlKeys(self.engine)
        self.stores_of: StoresOf = stores_of(self.engine)

    def store(self, dataset: str, version: str | None) -> Store:
        """As `Receiving.store`."""
        return SqlStore(self.engine, dataset, version)
