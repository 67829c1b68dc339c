"""Files that are really on the disk, and a full disk as one kind of error."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from polars.exceptions import ComputeError

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BLOCK = 1 << 20


@contextmanager
def full_disk_refused(target: str) -> Iterator[None]:
    """Raises Refused (disk_full), naming `target`, for every way in which a full disk shows."""
    try:
        yield
    except (OSError, sqlite3.Error, ComputeError) as error:
        if _is_full(error):
            raise Refused(Issue("disk_full", value=target)) from error
        raise


def _is_full(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in FULL
    if isinstance(error, sqlite3.Error):
        # A quota or a file-size limit reaches SQLite as a failed write, not as a full disk.
        code = getattr(error, "sqlite_errorcode", 0)
        return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
    # Polars gives the operating system's number in the text only.
    number = re.search(r"\(os error (\d+)\)", str(error))
    return number is not None and int(number[1]) in FULL


def sync(path: Path) -> None:
    """Have the file's or folder's content on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, content: bytes) -> None:
    """A new file, on the disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
