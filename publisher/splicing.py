"""A text file of the next release from that of the release before: what stays is copied byte for byte.

A few changes in a million rows cost the copying of a file, and no formatting.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from publisher.disk import BLOCK
from publisher.merging import AT, PUT

Piece = tuple[int, int] | bytes  # (from, to) in bytes of the file before, or a new text


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows stand in a text file: `head` bytes, then rows of `lengths` with `separator` between,
    then `foot`."""

    head: bytes
    lengths: pl.Series
    separator: bytes
    foot: bytes

    def starts(self) -> pl.Series:
        """The byte at which each row begins."""
        step = self.lengths.cast(pl.Int64) + len(self.separator)
        return step.cum_sum() - step + len(self.head)


def splice(
    before: Path, path: Path, rows: Rows, texts: list[bytes], order: pl.DataFrame
) -> tuple[int, str]:
    """Write `path` with the rows in `order` (`Merge.order`); `rows` are those of the file `before` and
    `texts` the new ones. Returns its bytes and SHA-256 (hex). Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with before.open("rb") as source, path.open("wb") as target:
        for block in _blocks(source, rows, _pieces(rows, texts, order)):
            digest.update(block)
            target.write(block)
            size += len(block)
        target.flush()
        os.fsync(target.fileno())  # here, while other files are being written
    return size, digest.hexdigest()


def _pieces(rows: Rows, texts: list[bytes], order: pl.DataFrame) -> Iterator[Piece]:
    """Rows that lay together before and still do are one piece."""
    starts, lengths = rows.starts(), rows.lengths
    for at, end, put in runs(order):
        if put is not None:
            yield texts[put]
        else:
            yield int(starts[at]), int(starts[end]) + int(lengths[end])


def runs(order: pl.DataFrame) -> Iterator[tuple[int, int, int | None]]:
    """(first row, last row, None) of the release before for rows that follow each other in both, and
    (0, 0, row) of what is put."""
    step = pl.col(AT).cast(pl.Int64).diff().ne_missing(1)
    groups = order.with_columns(step.cum_sum().alias("_run"))
    told = groups.group_by("_run", maintain_order=True).agg(
        pl.col(AT).first().alias("first"), pl.col(AT).last().alias("last"), PUT
    )
    for _, first, last, put in told.iter_rows():
        if first is not None:
            yield first, last, None
        else:
            yield from ((0, 0, one) for one in put)


def _blocks(source: IO[bytes], rows: Rows, pieces: Iterator[Piece]) -> Iterator[bytes]:
    between = rows.head
    for piece in pieces:
        yield between
        between = rows.separator
        if isinstance(piece, bytes):
            yield piece
            continue
        start, end = piece
        source.seek(start)
        while start < end:
            block = source.read(min(BLOCK, end - start))
            if not block:
                raise OSError(f"{source.name} is shorter than its rows")
            start += len(block)
            yield block
        # Hardly anybody reads it again, and the new file needs the memory in which it is kept.
        os.posix_fadvise(source.fileno(), piece[0], end - piece[0], os.POSIX_FADV_DONTNEED)
    yield rows.foot if between is rows.separator else rows.head + rows.foot
