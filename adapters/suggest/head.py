"""The first bytes of a file, unpacked, without reading the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from adapters.artefact import Artefact
from adapters.members import is_archive, members
from adapters.opener import read_blocks
from exchange_schemas.errors import SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

SIZE = 1 << 20  # bytes of a head
_PACKERS = {b"\xfd7zXZ\x00": "xz", b"\x1f\x8b": "gz"}
_ZIP = b"PK\x03\x04"
_WORKBOOKS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}


@dataclass(frozen=True, slots=True)
class Head:
    """`data` are the first bytes of the file itself, unpacked; `whole` says that there are no more.

    `artefact` is the file as the readers take it, and `members` the pattern of the names of its
    files where it is an archive of files.
    """

    data: bytes
    whole: bool
    artefact: Artefact
    members: str | None = None


@contextmanager
def opened(path: Path) -> Iterator[Head]:
    """The file's head; a file of an archive is there until the block ends.

    Raises SourceUnavailable (file_missing), SourceUnreadable: file_empty, suggest_packed_name,
    archive_damaged, archive_locked, archive_bomb, member_missing.
    """
    artefact = _artefact(path)
    _check_name(artefact, _start(path))
    if not is_archive(artefact):
        yield _head(artefact)
        return
    pattern = _pattern(artefact)
    inside = members(artefact, pattern)
    yield _head(next(inside), pattern)


def workbook_kind(head: Head) -> str | None:
    """What the zip is that the head begins: xlsx, xlsb or ods; None for another, or none."""
    if not head.data.startswith(_ZIP):
        return None
    try:
        with ZipFile(head.artefact.path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, EOFError, NotImplementedError, ValueError):
        return None
    return next((kind for part, kind in _WORKBOOKS.items() if part in names), None)


@contextmanager
def head_file(head: Head, suffix: str = "\n") -> Iterator[Artefact]:
    """The head up to its last `suffix` as an artefact of its own, for readers that go to the end."""
    if head.whole:
        yield head.artefact
        return
    end = head.data.rfind(suffix.encode())
    data = head.data[: end + len(suffix)] if end >= 0 else head.data
    with TemporaryDirectory(prefix="hub-suggest-") as folder:
        path = Path(folder) / "head"
        path.write_bytes(data)
        yield Artefact("", path, len(data), _unpacked_name(head.artefact.name))


def _artefact(path: Path) -> Artefact:
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise SourceUnavailable(Issue("file_missing", value=str(path))) from error
    if size == 0:
        raise SourceUnreadable(Issue("file_empty", file=path.name))
    return Artefact("", path, size, path.name)


def _start(path: Path) -> bytes:
    with path.open("rb") as source:
        return source.read(8)


def _check_name(artefact: Artefact, start: bytes) -> None:
    """Readers go by the name: what is packed has to say so."""
    name = artefact.name.lower()
    for magic, suffix in _PACKERS.items():
        if start.startswith(magic) and not name.endswith(f".{suffix}"):
            raise SourceUnreadable(Issue("suggest_packed_name", value=suffix, file=artefact.name))


def _head(artefact: Artefact, pattern: str | None = None) -> Head:
    data, whole = b"", True
    for block in read_blocks(artefact, SIZE):
        data += block
        if len(data) > SIZE:
            whole = False
            break
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise SourceUnreadable(Issue("file_empty", file=artefact.name))
    return Head(data[:SIZE], whole, artefact, pattern)


def _pattern(artefact: Artefact) -> str:
    """The pattern of the names that most files of an archive have: *.csv."""
    try:
        with ZipFile(artefact.path) as archive:
            files = [
                i for i in archive.infolist() if not i.is_dir() and "MACOSX" not in i.filename
            ]
    except (BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as error:
        params = Issue("archive_damaged", file=artefact.name, value="zip")
        raise SourceUnreadable(params) from error
    sizes: dict[str, int] = {}
    for entry in files:
        _, dot, suffix = entry.filename.rpartition("/")[2].rpartition(".")
        pattern = f"*.{suffix}" if dot else "*"
        sizes[pattern] = sizes.get(pattern, 0) + entry.file_size
    return max(sizes, key=lambda one: sizes[one]) if len(sizes) > 1 else "*"


def _unpacked_name(name: str) -> str:
    stem, _, suffix = name.rpartition(".")
    return stem if suffix.lower() in _PACKERS.values() else name
