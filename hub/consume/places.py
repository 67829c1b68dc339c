"""Where a consumer receives everything of one hub: a folder, or a database."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from hub.consume.file_store import FileStore, RememberedKeys
from hub.consume.notices import NoticeBook, NoticeFiles, StoresOf, stores_in
from hub.consume.store import KeyStore, Store


class Receiving(Protocol):
    """What is kept for each dataset, and once for the hub."""

    def store(self, dataset: str, version: str | None) -> Store:
        """The dataset's entries, or their translation."""

    @property
    def book(self) -> NoticeBook:
        """The notices."""

    @property
    def keys(self) -> KeyStore:
        """The hub's keys."""

    @property
    def stores_of(self) -> StoresOf:
        """The stores there are of a dataset."""


class InFolder:
    """A folder; made where there is none."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self.book: NoticeBook = NoticeFiles(directory)
        self.keys: KeyStore = RememberedKeys(directory)
        self.stores_of: StoresOf = stores_in(directory)

    def store(self, dataset: str, version: str | None) -> Store:
        """As `Receiving.store`."""
        return FileStore(self._directory, dataset, version)


def in_database(url: str) -> Receiving:
    """A database; raises Misdeclared (store_wrong). SQLAlchemy is needed only here."""
    from hub.consume.sql_place import InDatabase

    return InDatabase(url)
