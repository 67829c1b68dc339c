"""records.xlsx: with the release where it is quickly made, else behind it, with a note of its own.

A workbook of a million records takes minutes, and nobody should wait for it to see what changed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from exchange_schemas.standard import Field, Standard
from publisher.columns import columns_named
from publisher.contents import contents_of
from publisher.disk import full_disk_refused, sha256
from publisher.files import WORKBOOK, seal
from publisher.formats import workbook
from publisher.making import Making
from publisher.manifest import Release, ReleaseFile
from publisher.signers import Signer
from publisher.workbook_note import NOTE, read_note, write_note

_ROOM = ".workbook-"  # not swept up by a build, which may come while a workbook is written
SMALL = 20_000  # records; they take a few seconds


def write_small_workbook(making: Making, records: int) -> dict[str, tuple[int, str]]:
    """Write records.xlsx where it has at most `SMALL` records; returns {name: (bytes, hex SHA-256)}."""
    if records > SMALL:
        return {}
    path = making.folder / WORKBOOK
    _write(path, making.standard, making.fields, making.planned, making.licence)
    return {WORKBOOK: (path.stat().st_size, sha256(path))}


def workbook_of(release: Release) -> ReleaseFile | None:
    """The workbook of a release, whether its manifest names it or a note; None while there is none.

    Raises Corrupt (release_wrong) where the note can't be read or is another release's.
    """
    note = read_note(release)
    return note.file if note else release.file(WORKBOOK)


def add_workbook(
    standard: Standard, release: Release, signer: Signer | None = None, licence: str = ""
) -> ReleaseFile:
    """Write the workbook of a release that has none yet, and its note behind it.

    The caller sees to it that the release isn't erased meanwhile, or that what is left is swept up, and
    that no two workbooks of a dataset are made at a time.
    Raises Refused (disk_full).
    """
    found = workbook_of(release)
    if found is not None:
        return found
    with full_disk_refused(release.dataset):
        for left in release.path.parent.glob(f"{_ROOM}*"):  # of a process that died
            shutil.rmtree(left)
        room = Path(tempfile.mkdtemp(dir=release.path.parent, prefix=_ROOM))
        try:
            fields = columns_named(standard, contents_of(release.path).columns.names())
            _write(room / WORKBOOK, standard, fields, release, licence)
            file = seal(room, WORKBOOK)
            write_note(room, release, file, signer)
            for name in (WORKBOOK, NOTE):  # the note last: what it names is there
                (room / name).replace(release.path / name)
        finally:
            shutil.rmtree(room, ignore_errors=True)
    return file


def _write(
    path: Path, standard: Standard, fields: Mapping[str, Field], release: Release, licence: str
) -> None:
    slices = (part.select(list(fields)) for part in contents_of(release.path).slices())
    created = datetime.fromisoformat(release.created_at)
    workbook.write(path, standard, fields, slices, created, licence)
