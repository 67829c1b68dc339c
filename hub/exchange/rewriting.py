"""Taking content out of a stream: lines become those of erased entries, and nothing else changes.

What an erased entry keeps is what its leaf is made of, so size, root, tiles and every proof stay. A
segment gets another edition; the files of the one before are removed once no row names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
from sqlalchemy import Connection, delete, select, update

from exchange_schemas.errors import Corrupt
from hub.bulk import select_frame
from hub.exchange.blocks import cut, pack
from hub.exchange.reading import HASH, leaves, unpack, wrong
from hub.exchange.segment_files import Part, parts_of, write_edition
from hub.exchange.segments import Segment, folder_of, row_of, segments_of
from hub.exchange.tables import exchange_block, exchange_segment, exchange_snapshot
from hub.exchange.views import View
from hub.site import Site
from hub.tree.hashing import commitments, hashes_of
from hub.tree.lines import columns, line, texts_of, without_content
from publisher.disk import sync


def take_out(site: Site, connection: Connection, view: View, seqs: pl.Series) -> int:
    """Erase these entries (Int64) from the stream; returns how many had content until now.

    In the caller's transaction, which holds the lock of the view's row, and under `sealed_files.alone`
    of its folder, which is to be swept after the commit. Snapshots that may have one of them go. Raises
    Corrupt (stream_wrong).
    """
    if seqs.is_empty():
        return 0
    wanted = seqs.unique().sort()
    done = _from_blocks(connection, view, wanted)
    first, last = int(wanted[0]), int(wanted[-1])
    for segment in segments_of(connection, view, first, last):
        mine = wanted.filter(wanted.is_between(segment.first, segment.last))
        if len(mine):
            done += _from_segment(site, connection, view, segment, mine)
    if done:
        old = (exchange_snapshot.c.view_id == view.id) & (exchange_snapshot.c.seq >= first)
        connection.execute(delete(exchange_snapshot).where(old))
    return done


def _from_blocks(connection: Connection, view: View, seqs: pl.Series) -> int:
    mine, done = exchange_block.c.view_id == view.id, 0
    for first in _blocks_with(connection, view, seqs):
        this = mine & (exchange_block.c.first_seq == first)
        row = connection.execute(select(exchange_block).where(this)).mappings().one()
        text = unpack(bytes(row["lines"]), row["lines_size"])
        rest, count = erased(text, seqs)
        if count:
            packed, size = pack(rest)
            values = {"lines": packed, "lines_size": size}
            connection.execute(update(exchange_block).where(this).values(values))
            done += count
    return done


def _blocks_with(connection: Connection, view: View, seqs: pl.Series) -> list[int]:
    """Where the blocks begin that have one of these entries."""
    spans = select_frame(
        connection,
        select(exchange_block.c.first_seq, exchange_block.c.last_seq)
        .where(exchange_block.c.view_id == view.id)
        .order_by(exchange_block.c.first_seq),
        {"first": pl.Int64, "last": pl.Int64},
    )
    beside = spans.set_sorted("first").join_asof(
        seqs.to_frame("seq").set_sorted("seq"), left_on="first", right_on="seq", strategy="forward"
    )
    return beside.filter(pl.col("seq") <= pl.col("last"))["first"].to_list()


def _from_segment(
    site: Site, connection: Connection, view: View, segment: Segment, seqs: pl.Series
) -> int:
    count = 0
    for first, last, text in parts_of(site, connection, view, segment):
        if seqs.is_between(first, last).any():
            count += erased(text, seqs)[1]
    if not count:
        return 0
    folder, edition = folder_of(site, view), segment.edition + 1
    parts = _without(site, connection, view, segment, seqs)
    files = write_edition(folder, replace(segment, edition=edition).name, parts)
    if len(files.leaves) != HASH * (segment.last - segment.first + 1):
        raise Corrupt(wrong(view, segment.first, "entries are missing"))
    sync(folder)
    made = replace(
        segment, edition=edition, frames=files.frames, erased=segment.erased + count,
        ndjson_sha256=files.ndjson.sha256, ndjson_size=files.ndjson.size,
        parquet_sha256=files.parquet.sha256, parquet_size=files.parquet.size,
    )  # fmt: skip
    mine = exchange_segment.c.view_id == view.id
    mine &= exchange_segment.c.first_seq == segment.first
    connection.execute(update(exchange_segment).where(mine).values(row_of(view, made)))
    return count


def _without(
    site: Site, connection: Connection, view: View, segment: Segment, seqs: pl.Series
) -> Iterator[Part]:
    """The segment's parts when these entries are erased; raises Corrupt (stream_wrong)."""
    for first, last, text in parts_of(site, connection, view, segment):
        rest, _ = erased(text, seqs)
        hashes = hashes_of(leaves(site, connection, view, first, last))
        lines = rest.str.join("\n").cast(pl.Binary).item() + b"\n"
        yield Part(cut(view, first, rest, hashes), columns(lines))


def erased(text: bytes, seqs: pl.Series) -> tuple[pl.Series, int]:
    """Lines of NDJSON, each without its line feed, of which the entries `seqs` are erased; and how
    many of these had content. The other lines stay to the byte."""
    entries = columns(text)
    chosen = pl.col("seq").is_in(seqs.implode()) & (pl.col("operation") != "erased")
    gone = entries.select(chosen.alias("gone"))["gone"]
    named = entries.with_columns(commitments(entries))
    short = without_content(named).select(line())["line"]
    kept = texts_of(text).str.strip_suffix("\n")
    return short.zip_with(gone, kept), int(gone.sum())
