"""Sealing: whole segments of the open tail become files that never change.

The files first, each on the disk and in its place; then, in one transaction, the row that names them
and the blocks' end. Before that transaction the files are left-overs, behind it the blocks are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select, update

from exchange_schemas.errors import Corrupt
from hub.database import write
from hub.exchange.appending import State, lock, state_of
from hub.exchange.blocks import ENTRIES, Block, cut
from hub.exchange.reading import unpack, wrong
from hub.exchange.sealed_files import alone, sweep
from hub.exchange.segment_files import PART, Part, new_segment
from hub.exchange.segments import Segment, row_of
from hub.exchange.tables import exchange_block, exchange_segment, exchange_view
from hub.exchange.views import View
from hub.progress import Progress, Silent
from hub.site import Site
from hub.tree.hashing import hashes_of
from hub.tree.lines import columns, texts_of


def seal(
    site: Site,
    engine: Engine,
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
    with engine.connect() as connection:
        blocks = _blocks(connection, view, first, first + view.segment_entries - 1)
    return new_segment(folder, view, first, _parts(view, blocks))


def _parts(view: View, blocks: Sequence[Block]) -> Iterator[Part]:
    """The tail's blocks, as many at a time as a part has; raises Corrupt (stream_wrong)."""
    for _, near in groupby(blocks, lambda block: (block.first - 1) // PART):
        found = list(near)
        first, entries = found[0].first, found[-1].last - found[0].first + 1
        text = b"".join(unpack(block.lines, block.size) for block in found)
        hashes = hashes_of(b"".join(block.leaves for block in found))
        if len(hashes) != entries or text.count(b"\n") != entries:
            raise Corrupt(wrong(view, first, "the tail has not all entries of this segment"))
        if any((block.first - 1) % ENTRIES for block in found):
            found = cut(
                view, first, texts_of(text).str.strip_suffix("\n"), hashes
            )  # many small ones
        yield Part(found, columns(text))


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
