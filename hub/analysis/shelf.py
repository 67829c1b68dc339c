"""Where columnar copies stand: in the site's folder, or as objects of the storage, read by the same queries."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.site import Site
from hub.storage.bucket import Bucket, open_bucket
from hub.storage.place import URL, Place, place_of
from publisher.disk import write_synced

SETTING, STORAGE = "HUB_COLUMNS", "storage"
_LOCK = ".lock"


class Shelf(Protocol):
    """The files of one copy."""

    @property
    def options(self) -> dict[str, str] | None:
        """What Polars is told to read and write them."""

    def address(self, name: str) -> str:
        """Where a file is, as Polars names it."""

    def read(self, name: str) -> bytes | None:
        """A small file; None where there is none."""

    def write(self, name: str, content: bytes) -> None:
        """A small file, in the place of what is there, whole."""

    def names(self) -> set[str]:
        """The names of the files that are there."""

    def remove(self, names: set[str]) -> None:
        """Remove files; one that isn't there is no fault."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Files of the site."""

    path: Path
    options: dict[str, str] | None = None

    def address(self, name: str) -> str:
        return str(self.path / name)

    def read(self, name: str) -> bytes | None:
        path = self.path / name
        return path.read_bytes() if path.is_file() else None

    def write(self, name: str, content: bytes) -> None:
        coming = self.path / f".{name}"
        write_synced(coming, content)
        coming.replace(self.path / name)

    def names(self) -> set[str]:
        return {path.name for path in self.path.iterdir() if not path.name.startswith(".")}

    def remove(self, names: set[str]) -> None:
        for name in names:
            (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects of the storage."""

    bucket: Bucket
    prefix: str  # within the bucket's own, ends in a slash
    options: dict[str, str] | None = field(repr=False)

    def address(self, name: str) -> str:
        return f"s3://{self.bucket.name}/{self.bucket.prefix}{self.prefix}{name}"

    def read(self, name: str) -> bytes | None:
        return self.bucket.read(self.prefix + name)

    def write(self, name: str, content: bytes) -> None:
        self.bucket.write(self.prefix + name, content)

    def names(self) -> set[str]:
        return {key.removeprefix(self.prefix) for key in self.bucket.keys(self.prefix)}

    def remove(self, names: set[str]) -> None:
        self.bucket.remove(self.prefix + name for name in sorted(names))


def shelf(site: Site, dataset: str) -> Shelf:
    """Where the copy of a dataset stands: `HUB_COLUMNS=storage` says in the storage, else in the site.

    Raises Misdeclared (columns_setting, storage_setting).
    """
    told = os.environ.get(SETTING, "").strip()
    if told not in ("", STORAGE):
        raise Misdeclared(Issue("columns_setting", value=told))
    if not told:
        path = site.columns / dataset
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Folder(path)
    place = place_of()
    if place is None:
        raise Misdeclared(Issue("columns_setting", value=f"{STORAGE} ({URL})"))
    return Objects(open_bucket(place), f"columns/{dataset}/", _told(place))


def forget(site: Site, connection: Connection, dataset: str) -> None:
    """Throw a copy away, e.g. because content of the dataset was erased, and what is kept in its folder
    beside it; who is writing it is waited for."""
    with alone(site, connection, dataset) as files:
        files.remove(files.names())
        for path in (site.columns / dataset).glob("[!.]*"):
            path.unlink(missing_ok=True)


@contextmanager
def alone(site: Site, connection: Connection, dataset: str) -> Iterator[Shelf]:
    """The copy's files, for whoever changes them; others wait, and a dead one's lock is free.

    On PostgreSQL they may be on other machines, so the database has the lock.
    """
    found = shelf(site, dataset)
    if isinstance(found, Objects) and connection.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"columns {dataset}".encode()).digest()[:7])
        with connection.engine.connect() as own:
            own.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
            yield found
        return
    folder = site.columns / dataset
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / _LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield found


def _told(place: Place) -> dict[str, str]:
    """The storage, as Polars' reader of objects is told of it."""
    return {
        "aws_endpoint_url": f"{'https' if place.secure else 'http'}://{place.endpoint}",
        "aws_access_key_id": place.access_key,
        "aws_secret_access_key": place.secret_key,
        "aws_region": "us-east-1",  # what storages of one's own answer to, whatever they are told
        "aws_allow_http": "false" if place.secure else "true",
    }
