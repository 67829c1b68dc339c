"""A backup in one file: a tar, packed with zstd, with the SHA-256 of all of it at its end.

The digest lies in a skippable frame (RFC 8878 section 3.1.2), which `tar --zstd` and `zstd -d` pass over.
It finds a flipped bit also where no member's content is: in tar's headers and zstd's.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.backup.container import BLOCK, Hashed
from hub.backup.manifest import Member, wrong
from publisher.disk import sync

_FRAME = bytes.fromhex("502a4d18") + (32).to_bytes(4, "little")  # its magic number and length
_END = len(_FRAME) + 32
_UNREADABLE = (tarfile.TarError, pa.ArrowException, OSError, EOFError, ValueError, MemoryError)


class _Counted:
    """A file that is hashed while it is written."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return self._file.write(block)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """The file is closed by `ArchiveWriting.finish`."""


class ArchiveWriting:
    """Writes a new file; raises FileExistsError."""

    def __init__(self, place: Path) -> None:
        self._place, self._file = place, place.open("xb")
        place.chmod(0o600)  # it has what only the hub may read
        self._counted = _Counted(self._file)
        self._packed = pa.CompressedOutputStream(pa.PythonFile(self._counted, mode="w"), "zstd")
        self._tar = tarfile.open(  # noqa: SIM115 - `finish` closes it
            fileobj=cast("BinaryIO", self._packed), mode="w|", bufsize=BLOCK
        )

    def add(self, name: str, source: BinaryIO, size: int, mode: int = 0o600) -> Member:
        """See `container.Writing`."""
        info, hashed = tarfile.TarInfo(name), Hashed(source)
        info.size, info.mode = size, mode
        self._tar.addfile(info, cast("BinaryIO", hashed))
        return Member(size, hashed.sha256, mode)

    def finish(self) -> None:
        """See `container.Writing`."""
        self._tar.close()
        self._packed.close()
        self._file.write(_FRAME + self._counted.digest.digest())
        self._file.close()
        sync(self._place)


class ArchiveReading:
    """Reads a file; raises Corrupt (backup_incomplete) where its end is missing, and where it isn't
    as it was written (backup_unreadable)."""

    def __init__(self, place: Path) -> None:
        self._place = place
        with place.open("rb") as file:
            whole = place.stat().st_size - _END
            digest = hashlib.sha256()
            while block := file.read(min(BLOCK, max(0, whole - file.tell()))):
                digest.update(block)
            end = file.read()
        if not end.startswith(_FRAME) or whole <= 0:
            raise Corrupt(Issue("backup_incomplete", value=place.name))
        if end[len(_FRAME) :] != digest.digest():
            raise unreadable(place, "it isn't what the SHA-256 at its end says")

    def members(self) -> Iterator[tuple[str, BinaryIO]]:
        """See `container.Reading`; raises Corrupt (backup_unreadable, backup_wrong)."""
        try:
            with (
                pa.CompressedInputStream(pa.OSFile(str(self._place)), "zstd") as packed,
                tarfile.open(fileobj=cast("BinaryIO", packed), mode="r|", bufsize=BLOCK) as tar,
            ):
                for info in tar:
                    content = tar.extractfile(info) if info.isreg() else None
                    if content is None:
                        raise wrong(info.name, "it isn't a file")
                    yield info.name, cast("BinaryIO", content)
        except _UNREADABLE as error:
            raise unreadable(self._place, str(error)) from error


def unreadable(place: Path, reason: str) -> Corrupt:
    """That a backup's file can't be read as one."""
    return Corrupt(Issue("backup_unreadable", value=place.name, params={"reason": reason}))
