"""records.xlsx: with the release where it is quickly made, else behind it, with a note of its own.

A workbook of a million records takes minutes, and nobody should wait for it to see what changed. Its
note, `workbook.json`, names the release's manifest and the digest of the workbook.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field, Standard
from publisher.columns import columns_named
from publisher.contents import contents_of
from publisher.disk import full_disk_refused, sha256, write_synced
from publisher.files import WORKBOOK, keep, seal
from publisher.formats import workbook
from publisher.making import Making
from publisher.manifest import MANIFEST, Release, ReleaseFile, name_of

NOTE = "workbook.json"
_ROOM = ".workbook-"  # not swept up by a build, which may come while a workbook is written
SMALL = 20_000  # records; they take a few seconds


def write_small_workbook(making: Making, records: int) -> dict[str, tuple[int, str]]:
    """Write records.xlsx where it has at most `SMALL` records; returns {name: (bytes, hex SHA-256)}."""
    if records > SMALL:
        return {}
    path = making.folder / WORKBOOK
    _write(path, making.standard, making.fields, making.planned)
    return {WORKBOOK: (path.stat().st_size, sha256(path))}


def workbook_of(release: Release) -> ReleaseFile | None:
    """The workbook of a release, whether its manifest names it or a note; None while there is none.

    Raises Corrupt (release_wrong) where the note can't be read or is another release's.
    """
    try:
        told: dict[str, Any] = json.loads((release.path / NOTE).read_bytes())
        if told["manifest_sha256"] != sha256(release.path / MANIFEST):
            raise ValueError("of another release")  # noqa: TRY301 - as wrong as unreadable
        return ReleaseFile(**told["file"])
    except FileNotFoundError:
        return release.file(WORKBOOK)
    except (OSError, ValueError, TypeError, KeyError) as error:
        words = {"reason": f"{NOTE}: {error}"}
        raise Corrupt(Issue("release_wrong", value=name_of(release.path), params=words)) from error


def add_workbook(standard: Standard, release: Release) -> ReleaseFile:
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
            made = room / WORKBOOK
            fields = columns_named(standard, contents_of(release.path).columns.names())
            _write(made, standard, fields, release)
            file = seal(room, WORKBOOK)
            note = {
                "dataset": release.dataset, "number": release.number,
                "manifest_sha256": sha256(release.path / MANIFEST), "file": asdict(file),
            }  # fmt: skip
            write_synced(room / NOTE, (json.dumps(note, ensure_ascii=False) + "\n").encode())
            keep(room / NOTE)
            for name in (WORKBOOK, NOTE):  # the note last: what it names is there
                (room / name).replace(release.path / name)
        finally:
            shutil.rmtree(room, ignore_errors=True)
    return file


def _write(path: Path, standard: Standard, fields: Mapping[str, Field], release: Release) -> None:
    slices = (part.select(list(fields)) for part in contents_of(release.path).slices())
    created = datetime.fromisoformat(release.created_at)
    workbook.write(path, standard, fields, slices, created)
