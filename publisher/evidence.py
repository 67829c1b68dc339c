"""Files that a party adds to a filing: which are taken, told by their first bytes alone."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from exchange_schemas.issue import Issue

MOST_FILES = 5
MEGABYTE = 1_000_000
LARGEST = 10 * MEGABYTE  # bytes of one file
LONGEST_NAME = 120  # characters
_BLOCK = 1 << 16

# first bytes → media type, extension: ISO 32000-1 7.5.2, ITU-T T.81 B.1.1.3, RFC 2083 3.1
_TYPES = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent: the name that its sender gave it, and its content from the start."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file as it is kept. `name` is for people only; `sha256` is hex."""

    name: str
    sha256: str
    bytes: int
    media_type: str


def check_uploads(uploads: Sequence[Upload]) -> list[Issue]:
    """What is wrong with the files; empty: all are taken."""
    if len(uploads) > MOST_FILES:
        words = {"found": str(len(uploads)), "expected": str(MOST_FILES)}
        return [Issue("evidence_many", params=words)]
    found = (_check(upload) for upload in uploads)
    return [issue for issue in found if issue is not None]


def _check(upload: Upload) -> Issue | None:
    name, size = shown_name(upload.name), _size(upload.stream)
    if size == 0:
        return Issue("evidence_empty", value=name)
    if size > LARGEST:
        words = {"expected": str(LARGEST // MEGABYTE)}
        return Issue("evidence_large", value=name, params=words)
    return None if kind_of(upload.stream) else Issue("evidence_type", value=name)


def kind_of(stream: BinaryIO) -> tuple[str, str] | None:
    """(media type, extension) of a file that is taken, by its first bytes; None: it isn't."""
    stream.seek(0)
    head = stream.read(max(map(len, _TYPES)))
    stream.seek(0)
    return next((kind for magic, kind in _TYPES.items() if head.startswith(magic)), None)


def _size(stream: BinaryIO) -> int:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def shown_name(declared: str) -> str:
    """The sender's name of a file as it may be shown: no folders, no controls, not too long.

    It is never a path. Characters that turn or hide what follows them (category C) go.
    """
    last = PurePosixPath(declared.replace("\\", "/")).name
    plain = "".join(one for one in last if unicodedata.category(one)[0] != "C").strip()
    return plain[-LONGEST_NAME:] or "?"


def keep(upload: Upload, folder: Path, number: int) -> Evidence:
    """Write an upload that was checked to `folder`/`number`.ext, readable by the owner only.

    Raises OSError, and ValueError where `check_uploads` would have refused it.
    """
    kind = kind_of(upload.stream)
    if kind is None or not 0 < _size(upload.stream) <= LARGEST:
        raise ValueError(f"{shown_name(upload.name)} was not checked")
    media_type, extension = kind
    digest, size = hashlib.sha256(), 0
    with owner_only(folder / f"{number}.{extension}") as file:
        while block := upload.stream.read(_BLOCK):
            digest.update(block)
            size += file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return Evidence(shown_name(upload.name), digest.hexdigest(), size, media_type)


def owner_only(path: Path) -> BinaryIO:
    """A new file with mode 0600, for writing; raises FileExistsError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")
