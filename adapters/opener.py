"""The bytes of an artefact, unpacked when its name ends in .xz or .gz."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from adapters.artefact import Artefact
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_OPENERS: dict[str, Callable[[Path, str], object]] = {".xz": lzma.open, ".gz": gzip.open}
_DAMAGE = (lzma.LZMAError, zlib.error, gzip.BadGzipFile, EOFError)


def read_blocks(artefact: Artefact, size: int) -> Iterator[bytes]:
    """The artefact's bytes in blocks of at most `size`, unpacked as they are read.

    Raises SourceUnreadable (archive_damaged) where the packed file is cut short or isn't one.
    """
    suffix = "." + artefact.name.rpartition(".")[2].lower()
    with cast(BinaryIO, _OPENERS.get(suffix, open)(artefact.path, "rb")) as source:
        try:
            while block := source.read(size):
                yield block
        except _DAMAGE as error:
            raise SourceUnreadable(
                Issue("archive_damaged", file=artefact.name, value=suffix[1:])
            ) from error
