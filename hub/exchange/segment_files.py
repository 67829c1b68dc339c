"""A segment's files, written part by part, so that memory is that of a part and not of the segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.errors import Corrupt
from hub.exchange.blocks import Block
from hub.exchange.reading import pieces, wrong
from hub.exchange.sealed_files import Put, Writing, WritingColumns, put
from hub.exchange.segments import COLUMNS, HASHES, LINES, Frame, Segment, span
from hub.exchange.views import View
from hub.instant import utc_now
from hub.site import Site
from hub.tree.hashing import Hashes, hashes_of, parents
from hub.tree.tiles import WIDTH, roots
from publisher.disk import sync

PART = 32_768  # entries that are worked on at a time: whole blocks


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a segment's entries, consecutive: packed, and as columns (`lines.ENTRY`)."""

    blocks: Sequence[Block]
    entries: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Files:
    """An edition that is in its place; `leaves` are 32 bytes of each entry."""

    ndjson: Put
    parquet: Put
    frames: tuple[Frame, ...]
    leaves: bytes


def write_edition(folder: Path, name: str, parts: Iterable[Part]) -> Files:
    """Write lines and columns of an edition; `name` is `Segment.name`."""
    frames, leaves, place = list[Frame](), list[bytes](), 0
    with (
        Writing(folder, f"{name}.{LINES}") as lines,
        WritingColumns(folder, f"{name}.{COLUMNS}") as table,
    ):
        for part in parts:
            table.write(part.entries)
            for block in part.blocks:
                lines.write(block.lines)
                leaves.append(block.leaves)
                frames.append(Frame(block.first, place, len(block.lines), block.size))
                place += len(block.lines)
    return Files(lines.put, table.put, tuple(frames), b"".join(leaves))


def new_segment(folder: Path, view: View, first: int, parts: Iterable[Part]) -> Segment:
    """Write the files of a segment that is new, and bring the folder to the disk.

    Raises Corrupt (stream_wrong) where the parts haven't all of its entries.
    """
    last, erased = first + view.segment_entries - 1, 0

    def counted() -> Iterable[Part]:
        nonlocal erased
        for part in parts:
            erased += int((part.entries["operation"] == "erased").sum())
            yield part

    files = write_edition(folder, f"{span(first, last)}.1", counted())
    hashes = hashes_of(files.leaves)
    if len(hashes) != view.segment_entries:
        raise Corrupt(wrong(view, first, "entries of this segment are missing"))
    tiles = roots(hashes)
    kept = put(folder, f"{span(first, last)}.{HASHES}", hashes.tobytes() + tiles.tobytes())
    sync(folder)
    return Segment(
        first=first, last=last, edition=1,
        ndjson_sha256=files.ndjson.sha256, ndjson_size=files.ndjson.size,
        parquet_sha256=files.parquet.sha256, parquet_size=files.parquet.size,
        hashes_sha256=kept.sha256, frames=files.frames, root=root_of_row(tiles),
        erased=erased, sealed_at=utc_now(), tops=tops_of(tiles),
    )  # fmt: skip


def parts_of(
    site: Site, connection: Connection, view: View, segment: Segment
) -> Iterator[tuple[int, int, bytes]]:
    """(first seq, last seq, lines) of each part of a segment; raises Corrupt (stream_wrong)."""
    kept = pieces(site, connection, view, segment.first - 1, segment.last)
    for _, group in groupby(kept, lambda piece: (piece.first - 1) // PART):
        near = list(group)
        yield near[0].first, near[-1].last, b"".join(piece.lines for piece in near)


def tops_of(tiles: Hashes) -> bytes | None:
    """`Segment.tops`, of the roots of each 256 entries."""
    return roots(tiles).tobytes() if len(tiles) > WIDTH else None


def root_of_row(row: Hashes) -> bytes:
    """The root over a row of hashes, a power of two."""
    while len(row) > 1:
        row = parents(row)
    return row.tobytes()
