"""What a backup lies in, whichever it is: a folder (`folder`) or one file (`archive`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from hub.backup.manifest import Member

BLOCK = 1 << 20


class Writing(Protocol):
    """Takes members; `finish` brings all of it to the disk."""

    def add(self, name: str, source: BinaryIO, size: int, mode: int = 0o600) -> Member:
        """Write the next `size` bytes of `source`; raises OSError where it hasn't as many."""

    def finish(self) -> None:
        """Nothing comes any more."""


class Reading(Protocol):
    """Gives the members, each once, in the order in which they lie there; each is to be read before
    the next one."""

    def members(self) -> Iterator[tuple[str, BinaryIO]]:
        """(name, content)."""


class Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self._digest, self.size = source, hashlib.sha256(), 0

    def read(self, count: int = BLOCK) -> bytes:
        """The next bytes."""
        block = self._source.read(count)
        self._digest.update(block)
        self.size += len(block)
        return block

    def blocks(self) -> Iterator[bytes]:
        """All that is left."""
        while block := self.read():
            yield block

    @property
    def sha256(self) -> str:
        """Of what was read, in hex."""
        return self._digest.hexdigest()
