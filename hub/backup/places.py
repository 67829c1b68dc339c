"""Which kind of backup lies at a place, told by its name and by what is there."""

from __future__ import annotations

from pathlib import Path

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.backup.archive import ArchiveReading, ArchiveWriting
from hub.backup.container import Reading, Writing
from hub.backup.folder import FolderReading, FolderWriting

SUFFIX = ".tar.zst"  # of a backup that is one file


def writing(place: Path, earlier: Path | None) -> Writing:
    """A new backup at `place`, whose name says which kind it is; a folder has files in common with the
    backup `earlier`."""
    return ArchiveWriting(place) if is_archive(place) else FolderWriting(place, earlier)


def reading(place: Path) -> Reading:
    """The backup at `place`. Raises Misdeclared (backup_missing), Corrupt (backup_unreadable,
    backup_incomplete)."""
    if place.is_dir():
        return FolderReading(place)
    if not place.is_file():
        raise Misdeclared(Issue("backup_missing", value=str(place)))
    return ArchiveReading(place)


def is_archive(place: Path) -> bool:
    """Whether a backup of this name is one file."""
    return place.name.endswith(SUFFIX)
