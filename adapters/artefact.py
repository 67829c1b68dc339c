"""Deliveries as they came, kept under the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Artefact:
    """One delivery: `path` holds its `size` bytes, `name` is the file name that it came under."""

    sha256: str
    path: Path
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of artefacts: `root/ab/abcd…`, the name being the SHA-256 in hex."""

    root: Path

    def keep(self, source: BinaryIO, name: str) -> Artefact:
        """Copy `source` to its end into the store, hashing on the way.

        Safe to repeat and to interrupt: the bytes go to a temporary file, are synced, and take
        their final name in one rename. Content that is there already is left as it is.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".new-", delete=False) as copy:
            try:
                sha256, size = _copy(source, copy)
                return Artefact(sha256, self._settle(Path(copy.name), sha256), size, name)
            finally:
                Path(copy.name).unlink(missing_ok=True)

    def find(self, sha256: str) -> Path:
        """Where the bytes with this SHA-256 are, or would be."""
        return self.root / sha256[:2] / sha256

    def _settle(self, copy: Path, sha256: str) -> Path:
        final = self.find(sha256)
        if not final.exists():
            final.parent.mkdir(exist_ok=True)
            copy.replace(final)
            _sync_folder(final.parent)
        return final


def _copy(source: BinaryIO, copy: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        size += copy.write(block)
    copy.flush()
    os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)  # without this a power cut can lose the new name
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
