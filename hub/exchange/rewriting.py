"""Taking content out of a stream: lines become those of erased entries, and nothing else changes.

What an erased entry keeps is what its leaf is made of, so size, root, tiles and every proof stay. A
segment gets another edition; the files of the one before are removed once no row names them.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, delete, select, update

from exchange_schemas.errors import Corrupt
from hub.bulk import select_frame
from hub.exchange.blocks import Block, cut, pack
from hub.exchange.lines import columns, line, texts_of, without_content
from hub.exchange.reading import pieces, unpack, wrong
from hub.exchange.sealing import Draft, files_of
from hub.exchange.segments import Segment, folder_of, row_of, segments_of
from hub.exchange.views import View
from hub.site import Site
from hub.tables_of_exchange import exchange_block, exchange_segment, exchange_snapshot
from hub.tree.hashing import commitments, hashes_of
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
    within = pieces(site, connection, view, segment.first - 1, segment.last)
    rest, count = erased(b"".join(piece.lines for piece in within), seqs)
    if not count:
        return 0
    folder = folder_of(site, view)
    raw = (folder / segment.hashes_file).read_bytes()
    entries = segment.last - segment.first + 1
    if len(rest) != entries or len(raw) < entries * 32:
        raise Corrupt(wrong(view, segment.first, "entries or hashes are missing"))
    blocks: list[Block] = cut(view, segment.first, rest, hashes_of(raw[: entries * 32]))
    text = rest.str.join("\n").cast(pl.Binary).item() + b"\n"
    draft = Draft(
        segment.first, segment.edition + 1, blocks, columns(text), segment.erased + count
    )
    made = files_of(folder, view, draft, segment.hashes_sha256, segment.root)
    sync(folder)
    mine = exchange_segment.c.view_id == view.id
    mine &= exchange_segment.c.first_seq == segment.first
    values = row_of(view, made) | {"sealed_at": segment.sealed_at}
    connection.execute(update(exchange_segment).where(mine).values(values))
    return count


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
