"""A backup as a folder of plain files. Deliveries that an earlier one beside it has are links to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hub.backup.container import Hashed
from hub.backup.manifest import FILES, Member, wrong
from publisher.disk import sha256, sync

_DELIVERIES = f"{FILES}raw/"  # named by their SHA-256, so what has the name must have the content


class FolderWriting:
    """Writes into a new folder; raises FileExistsError."""

    def __init__(self, place: Path, earlier: Path | None) -> None:
        self._place, self._earlier = place, earlier
        place.mkdir(mode=0o700)  # it has what only the hub may read

    def add(self, name: str, source: BinaryIO, size: int, mode: int = 0o600) -> Member:
        """See `container.Writing`."""
        target = self._place / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if name.startswith(_DELIVERIES) and self._linked(name, target):
            return Member(size, target.name, mode)
        hashed = Hashed(source)
        with target.open("xb") as file:
            for block in hashed.blocks():
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        if hashed.size != size:
            raise OSError(f"{name} changed while it was read")
        return Member(size, hashed.sha256, mode)

    def _linked(self, name: str, target: Path) -> bool:
        """Whether the earlier backup has it, unspoilt: it is read, which costs less than writing."""
        if self._earlier is None:
            return False
        kept = self._earlier / name
        if not kept.is_file() or kept.is_symlink() or sha256(kept) != target.name:
            return False
        try:
            target.hardlink_to(kept)
        except OSError:  # another file system, or one without links
            return False
        return True

    def finish(self) -> None:
        """See `container.Writing`."""
        for folder, _, _ in os.walk(self._place):
            sync(Path(folder))


class FolderReading:
    """Reads a folder."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def members(self) -> Iterator[tuple[str, BinaryIO]]:
        """See `container.Reading`; raises Corrupt (backup_wrong)."""
        for path in sorted(self._place.rglob("*")):
            name = path.relative_to(self._place).as_posix()
            if path.is_dir() and not path.is_symlink():
                continue
            if path.is_symlink() or not path.is_file():
                raise wrong(name, "it isn't a file")
            with path.open("rb") as file:
                yield name, file
