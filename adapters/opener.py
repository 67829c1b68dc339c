"""The bytes of an artefact, unpacked when its name ends in .xz or .gz."""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from adapters.artefact import Artefact
from adapters.limits import Limits, limits_from_environment
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

BLOCK = 1 << 20
SMALL = 64 << 20  # what unpacks to less harms nobody, however well it was packed
_OPENERS: dict[str, Callable[[Path, str], object]] = {"xz": lzma.open, "gz": gzip.open}
PACKED = tuple(_OPENERS)
_DAMAGE = (lzma.LZMAError, zlib.error, gzip.BadGzipFile, EOFError)


def read_blocks(artefact: Artefact, size: int = BLOCK) -> Iterator[bytes]:
    """The artefact's bytes in blocks of at most `size`, unpacked as they are read.

    Raises SourceUnreadable: archive_damaged where the packed file is cut short or isn't one,
    archive_bomb where it unpacks to more than `Limits` allow.
    """
    suffix = artefact.name.rpartition(".")[2].lower()
    with cast(BinaryIO, _OPENERS.get(suffix, open)(artefact.path, "rb")) as source:
        blocks = iter(lambda: source.read(size), b"")
        if suffix in PACKED:
            blocks = bounded(blocks, artefact.size, artefact.name, limits_from_environment())
        try:
            yield from blocks
        except _DAMAGE as error:
            raise SourceUnreadable(
                Issue("archive_damaged", file=artefact.name, value=suffix)
            ) from error


def bounded(
    blocks: Iterator[bytes], packed: int, file: str, limits: Limits, before: int = 0
) -> Iterator[bytes]:
    """`blocks` that were unpacked from `packed` bytes; raises SourceUnreadable (archive_bomb).

    `before` counts what was unpacked from the same delivery already.
    """
    size = 0
    for block in blocks:
        size += len(block)
        steep = size > SMALL and size > limits.ratio * packed
        if steep or before + size > limits.unpacked:
            words = {"packed": str(packed), "unpacked": str(before + size)}
            raise SourceUnreadable(Issue("archive_bomb", file=file, params=words))
        yield block
