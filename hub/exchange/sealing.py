"""Sealing: whole segments of the open tail become files that never change.

The files first, each on the disk and in its place; then, in one transaction, the row that names them
and the blocks' end. Before that transaction the files are left-overs, behind it the blocks are gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import polars as pl
from sqlalchemy import Connection, Engine, delete, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Corrupt
from hub.database import write
from hub.exchange.appending import State, lock, state_of
from hub.exchange.blocks import ENTRIES, Block, cut
from hub.exchange.lines import columns, texts_of
from hub.exchange.reading import unpack, wrong
from hub.exchange.sealed_files import alone, put, put_columns, sweep
from hub.exchange.segments import COLUMNS, HASHES, LINES, Frame, Segment, row_of, span
from hub.exchange.views import View
from hub.instant import utc_now
from hub.progress import Progress, Silent
from hub.site import Site
from hub.tables_of_exchange import exchange_block, exchange_segment, exchange_view
from hub.tree.hashing import Hashes, hashes_of, parents
from hub.tree.tiles import roots
from publisher.disk import sync


def seal(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,  # noqa: ARG001 - a stream needs no standard any more
    view: View,
    progress: Progress | None = None,
) -> list[Segment]:
    """Seal every whole segment of the stream; returns those that are new.

    Killed at any moment it leaves nothing wrong: what it left is swept by the next one. Raises Corrupt
    (stream_wrong) where the tail isn't whole, and Refused (disk_full).
    """
    told, made = progress or Silent(), []
    with alone(site, view) as folder:
        with engine.connect() as connection:
            sweep(site, connection, view)
        while (state := state_of(engine, view)).size - state.sealed >= view.segment_entries:
            segment = _made(engine, folder, view, state.sealed + 1)
            if _enter(engine, view, state, segment):
                made.append(segment)
                told.rows(segment.last)
    return made


def _made(engine: Engine, folder: Path, view: View, first: int) -> Segment:
    """The segment from `first` on, its files in their place."""
    last = first + view.segment_entries - 1
    with engine.connect() as connection:
        blocks = _blocks(connection, view, first, last)
    hashes = hashes_of(b"".join(block.leaves for block in blocks))
    text = b"".join(unpack(block.lines, block.size) for block in blocks)
    if len(hashes) != view.segment_entries or text.count(b"\n") != view.segment_entries:
        raise Corrupt(wrong(view, first, "the tail has not all entries of this segment"))
    if any((block.first - 1) % ENTRIES for block in blocks):
        blocks = cut(view, first, texts_of(text).str.strip_suffix("\n"), hashes)  # many small ones
    return new_segment(folder, view, Draft(first, 1, blocks, columns(text), 0), hashes)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the files of an edition of a segment are written from; `entries` as `lines.ENTRY`."""

    first: int
    edition: int
    blocks: Sequence[Block]
    entries: pl.DataFrame
    erased: int


def new_segment(folder: Path, view: View, draft: Draft, hashes: Hashes) -> Segment:
    """Write the files of a segment that is new, and bring the folder to the disk."""
    last, tiles = draft.first + view.segment_entries - 1, roots(hashes)
    raw = hashes.tobytes() + tiles.tobytes()
    sha256 = put(folder, f"{span(draft.first, last)}.{HASHES}", raw).sha256
    made = files_of(folder, view, draft, sha256, _root(tiles))
    sync(folder)
    return made


def files_of(folder: Path, view: View, draft: Draft, hashes: str, root: bytes) -> Segment:
    """Write the files of a segment's edition; `hashes` is the digest of the file that stays."""
    last = draft.first + view.segment_entries - 1
    name = f"{span(draft.first, last)}.{draft.edition}"
    ndjson = put(folder, f"{name}.{LINES}", b"".join(block.lines for block in draft.blocks))
    parquet = put_columns(folder, f"{name}.{COLUMNS}", draft.entries)
    return Segment(
        first=draft.first, last=last, edition=draft.edition,
        ndjson_sha256=ndjson.sha256, ndjson_size=ndjson.size,
        parquet_sha256=parquet.sha256, parquet_size=parquet.size,
        hashes_sha256=hashes, frames=frames_of(draft.blocks), root=root,
        erased=draft.erased, sealed_at=utc_now(),
    )  # fmt: skip


def frames_of(blocks: Sequence[Block]) -> tuple[Frame, ...]:
    """The frames of a file that has these blocks one behind the other."""
    places = accumulate((len(block.lines) for block in blocks), initial=0)
    return tuple(
        Frame(block.first, place, len(block.lines), block.size)
        for block, place in zip(blocks, places, strict=False)
    )


def _root(tiles: Hashes) -> bytes:
    while len(tiles) > 1:
        tiles = parents(tiles)
    return tiles.tobytes()


def _blocks(connection: Connection, view: View, first: int, last: int) -> list[Block]:
    within = exchange_block.c.first_seq.between(first, last)
    query = select(exchange_block).where(exchange_block.c.view_id == view.id, within)
    rows = connection.execute(query.order_by(exchange_block.c.first_seq)).mappings()
    return [
        Block(
            row["first_seq"], row["last_seq"], bytes(row["lines"]), row["lines_size"],
            bytes(row["leaves"]),
        )
        for row in rows
    ]  # fmt: skip


def _enter(engine: Engine, view: View, state: State, segment: Segment) -> bool:
    """Let the row name the files in the blocks' place; False where something was erased meanwhile."""
    with write(engine) as connection:
        now = lock(connection, view)
        if (now.sealed, now.erasure) != (state.sealed, state.erasure):
            return False
        connection.execute(insert(exchange_segment).values(row_of(view, segment)))
        gone = exchange_block.c.first_seq.between(segment.first, segment.last)
        connection.execute(delete(exchange_block).where(exchange_block.c.view_id == view.id, gone))
        mine = exchange_view.c.id == view.id
        connection.execute(update(exchange_view).where(mine).values(sealed=segment.last))
    return True
