"""The files of a stream: written beside, on the disk, put in place, and swept where no row names them."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.errors import Corrupt
from hub.exchange.reading import wrong
from hub.exchange.segments import extent, folder_of, segments_of, snapshot_file
from hub.exchange.tables import exchange_snapshot
from hub.exchange.views import View
from hub.site import Site
from hub.tree.lines import ENTRY
from publisher.disk import full_disk_refused, sha256, sync, write_synced
from publisher.formats.parquet import Compression
from publisher.formats.parquet_stream import ParquetStream

_LOCK = ".lock"
_COMING = ".coming-"
_PACKED: Compression = {"compression": "zstd", "compression_level": 1}


@dataclass(frozen=True, slots=True)
class Put:
    """A file that is in its place: its SHA-256 (hex) and how many bytes it has."""

    sha256: str
    size: int


@contextmanager
def alone(site: Site, view: View) -> Iterator[Path]:
    """The stream's folder, for whoever changes files in it: others wait; a dead one's lock is free.

    Raises Refused (disk_full) where the block meets a full disk.
    """
    folder = folder_of(site, view)
    folder.mkdir(parents=True, exist_ok=True)
    with full_disk_refused(f"{view.dataset}/{view.name}"), (folder / _LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder


def is_busy(site: Site, view: View) -> bool:
    """Whether somebody is changing files in the stream's folder."""
    try:
        with (folder_of(site, view) / _LOCK).open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def put(folder: Path, name: str, content: bytes) -> Put:
    """Write a file beside and put it in its place; `sync` of the folder is the caller's."""
    coming = folder / f"{_COMING}{name}"
    write_synced(coming, content)
    coming.replace(folder / name)
    return Put(hashlib.sha256(content).hexdigest(), len(content))


class Writing:
    """A file that is written in parts beside, and is in its place when the block ends well."""

    def __init__(self, folder: Path, name: str) -> None:
        self._coming, self._place = folder / f"{_COMING}{name}", folder / name
        self._digest, self._size = hashlib.sha256(), 0

    def __enter__(self) -> Writing:
        self._file = self._coming.open("wb")
        return self

    def write(self, part: bytes) -> None:
        """More of the file."""
        self._file.write(part)
        self._digest.update(part)
        self._size += len(part)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._file:
            if kind is not None:
                return
            self._file.flush()
            os.fsync(self._file.fileno())
        self._coming.replace(self._place)
        sync(self._place.parent)

    @property
    def put(self) -> Put:
        """What was written."""
        return Put(self._digest.hexdigest(), self._size)


class WritingColumns:
    """As `Writing`, for entries (`lines.ENTRY`) as a Parquet file."""

    def __init__(self, folder: Path, name: str) -> None:
        self._coming, self._place = folder / f"{_COMING}{name}", folder / name
        self._parquet = ParquetStream(self._coming, pl.Schema(ENTRY), _PACKED)

    def __enter__(self) -> WritingColumns:
        self._parquet.__enter__()
        return self

    def write(self, entries: pl.DataFrame) -> None:
        """More of the file."""
        self._parquet.put(entries.select(list(ENTRY)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._parquet.__exit__(kind, error, trace)
        if kind is None:
            sync(self._coming)
            self._put = Put(sha256(self._coming), self._coming.stat().st_size)
            self._coming.replace(self._place)
            sync(self._place.parent)

    @property
    def put(self) -> Put:
        """What was written."""
        return self._put


def sweep(site: Site, connection: Connection, view: View) -> list[str]:
    """Remove the files that no row names, which a process that died has left; returns their names.

    Must be called under `alone`: what another one is writing has no row yet. Raises Corrupt
    (stream_wrong) where rows are missing: their files may be all that is left.
    """
    folder = folder_of(site, view)
    named = sum(one.last - one.first + 1 for one in segments_of(connection, view))
    if named != extent(connection, view)[1]:
        raise Corrupt(wrong(view, named + 1, "segments are missing"))
    found = left_over(site, connection, view)
    for name in found:
        (folder / name).unlink(missing_ok=True)
    if found:
        sync(folder)
    return found


def left_over(site: Site, connection: Connection, view: View) -> list[str]:
    """The names of files that no row names."""
    folder = folder_of(site, view)
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    mine = exchange_snapshot.c.view_id == view.id
    snapshots = connection.scalars(select(exchange_snapshot.c.seq).where(mine))
    named = {_LOCK, *(snapshot_file(seq) for seq in snapshots)}
    for one in segments_of(connection, view):
        named |= {one.lines_file, one.columns_file, one.hashes_file}
    return sorted(there - named)
