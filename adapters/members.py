"""The files of a delivery: itself, what an archive holds, or the parts that a source gave.

Nothing that an archive says of itself is believed: names are never used as paths, and what is
unpacked is counted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from adapters.artefact import Artefact
from adapters.delivered import KEYS_FOLDER, PARTS, file_name
from adapters.limits import Limits, limits_from_environment
from adapters.opener import BLOCK, PACKED, bounded, read_blocks
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_UTF8_NAME = 0x800  # flag of a zip entry whose name is UTF-8; other names are the maker's own
_ENCRYPTED = 0x1


@contextmanager
def unpacked(artefact: Artefact, whole_file: bool) -> Iterator[Artefact]:
    """The artefact, unpacked into a file of its own where `whole_file` asks for one."""
    stem, _, suffix = artefact.name.rpartition(".")
    if not whole_file or suffix.lower() not in PACKED:
        yield artefact
        return
    with tempfile.TemporaryDirectory(prefix="hub-unpacked-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as target:
            target.writelines(read_blocks(artefact, BLOCK))
        yield Artefact(artefact.sha256, path, path.stat().st_size, stem)


def member_names(artefact: Artefact, pattern: str = "*", keys: bool = False) -> list[str]:
    """The names of the files in a delivery, in their order: what `Places` takes.

    Raises SourceUnreadable: archive_damaged, archive_locked, archive_members, member_missing.
    """
    if not is_archive(artefact):
        return [] if keys else [artefact.name]
    with _opened(artefact) as archive:
        return [name for name, _ in _chosen(archive, artefact, pattern, keys)]


def is_archive(artefact: Artefact) -> bool:
    """Whether the delivery is a zip of files; workbooks, which are zips too, have other names."""
    return artefact.name.lower().endswith(".zip")


def members(
    artefact: Artefact, pattern: str = "*", keys: bool = False, place: int | None = None
) -> Iterator[Artefact]:
    """Each file of a delivery, or the one at `place`, from 0; one from an archive is there until the next
    is asked for.

    Raises SourceUnreadable as `member_names`, and archive_bomb, archive_damaged.
    """
    if not is_archive(artefact):
        if not keys:
            yield artefact
        return
    limits, total = limits_from_environment(), 0
    with _opened(artefact) as archive, tempfile.TemporaryDirectory(prefix="hub-member-") as folder:
        for number, (name, entry) in enumerate(_chosen(archive, artefact, pattern, keys)):
            if place not in (None, number):
                total += entry.file_size  # it isn't unpacked, and zipfile gives no more than that
                continue
            path = Path(folder) / "member"  # never the entry's own name
            total += _extract(archive, entry, path, artefact.name, limits, total)
            yield Artefact("", path, path.stat().st_size, name)


def _extract(
    archive: ZipFile, entry: ZipInfo, path: Path, file: str, limits: Limits, before: int
) -> int:
    try:
        with archive.open(entry) as source, path.open("wb") as target:
            blocks = iter(lambda: source.read(BLOCK), b"")
            target.writelines(bounded(blocks, entry.compress_size, file, limits, before))
    except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise SourceUnreadable(Issue("archive_damaged", file=file, value="zip")) from error
    except RuntimeError as error:  # what zipfile raises for a password
        raise SourceUnreadable(Issue("archive_locked", file=file)) from error
    return path.stat().st_size


def _chosen(
    archive: ZipFile, artefact: Artefact, pattern: str, keys: bool
) -> list[tuple[str, ZipInfo]]:
    """(name for messages, entry) of the files that count."""
    parts = artefact.name.endswith(PARTS)
    found = []
    for entry in archive.infolist():
        name = _name(entry)
        if entry.is_dir() or name.startswith("__MACOSX/") or _is_link(entry):
            continue
        if (parts and name.startswith(KEYS_FOLDER)) != keys:
            continue
        if fnmatchcase(file_name(name), pattern) or fnmatchcase(name, pattern):
            found.append((file_name(name), entry))
    if not found and not parts and not keys:
        words = {"pattern": pattern, "found": "、".join(map(_name, archive.infolist()[:10]))}
        raise SourceUnreadable(Issue("member_missing", file=artefact.name, params=words))
    if any(entry.flag_bits & _ENCRYPTED for _, entry in found):
        raise SourceUnreadable(Issue("archive_locked", file=artefact.name))
    return found


def _is_link(entry: ZipInfo) -> bool:
    return (entry.external_attr >> 16) & 0o170000 == 0o120000


def _name(entry: ZipInfo) -> str:
    """An entry's name; without the mark of UTF-8 it is what a Chinese Windows writes: GBK."""
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    written = entry.filename.encode("cp437", "replace")
    return written.decode("gb18030", "replace")


@contextmanager
def _opened(artefact: Artefact) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(artefact.path)
    except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise SourceUnreadable(
            Issue("archive_damaged", file=artefact.name, value="zip")
        ) from error
    with archive:
        most = limits_from_environment().members
        if len(archive.infolist()) > most and not artefact.name.endswith(PARTS):
            raise SourceUnreadable(Issue("archive_members", file=artefact.name, value=str(most)))
        yield archive
