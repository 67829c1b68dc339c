"""A delivery as it was fetched: one artefact, and where and when its parts came from."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from adapters.artefact import Artefact, Store
from adapters.limits import Limits
from adapters.source import KEYS, Part
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

PARTS = ".parts.zip"  # suffix of an artefact that holds several parts
KEYS_FOLDER = "keys/"  # where in it the parts stand whose role is KEYS
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same parts give the same bytes, whenever they are packed


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of one part: `headers` are the sender's, `size` counts its bytes."""

    name: str
    origin: str
    headers: dict[str, str]
    size: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """`cursor` is where the next pull goes on from; None: the source has no such thing."""

    artefact: Artefact
    fetched_at: str
    parts: tuple[Told, ...] = ()
    cursor: str | None = None


@dataclass(slots=True)
class Parcel:
    """Keeps parts as they come: one as it is, several in a zip that packs nothing."""

    store: Store
    limits: Limits
    told: list[Told] = field(default_factory=list)
    cursor: str | None = None
    size: int = 0

    def keep(self, parts: Iterator[Part], name: str) -> Artefact:
        """All parts as one artefact; `name` is for several. Raises SourceUnreadable (too_large)."""
        first, second = next(parts, None), next(parts, None)
        if first is not None and second is None and first.role != KEYS:
            reader = io.BufferedReader(_Blocks(self._note(first)))
            artefact = self.store.keep(reader, file_name(first.name))
            self._tell(first, artefact.size)
            return artefact
        self.store.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.store.root) as packed:
            self._pack((one for one in (first, second) if one is not None), parts, packed)
            packed.seek(0)
            return self.store.keep(packed, name + PARTS)

    def _pack(self, begun: Iterable[Part], rest: Iterator[Part], packed: IO[bytes]) -> None:
        with ZipFile(packed, "w", ZIP_STORED) as archive:
            for part in begun:
                self._add(archive, part)
            for part in rest:
                self._add(archive, part)

    def _add(self, archive: ZipFile, part: Part) -> None:
        folder = KEYS_FOLDER if part.role == KEYS else ""
        entry = ZipInfo(f"{folder}{len(self.told) + 1:06d}/{file_name(part.name)}", _EPOCH)
        size = 0
        with archive.open(entry, "w", force_zip64=True) as target:
            for block in self._note(part):
                size += target.write(block)
        self._tell(part, size)

    def _note(self, part: Part) -> Iterator[bytes]:
        for block in part.blocks:
            self.size += len(block)
            if self.size > self.limits.bytes:
                raise SourceUnreadable(_too_large(part.name, self.limits.bytes))
            yield block

    def _tell(self, part: Part, size: int) -> None:
        self.told.append(Told(part.name, part.origin, dict(part.headers), size))
        self.cursor = part.cursor if part.cursor is not None else self.cursor


def file_name(name: str) -> str:
    """The last part of a path, whatever marks it has: what a sender calls a file decides nothing."""
    last = PurePosixPath(name.replace("\\", "/")).name.replace("\0", "")
    return last if last not in ("", ".", "..") else "delivery"


def _too_large(name: str, most: int) -> Issue:
    return Issue("delivery_too_large", file=name, value=f"{most >> 20} MB")


class _Blocks(io.RawIOBase):
    """Blocks as a raw stream, for what copies from files."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = block
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size
