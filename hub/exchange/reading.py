"""Reading a stream: lines and leaf hashes of any range, from sealed files and the open tail alike.

The same range gives the same bytes whether it lies in the tail or is sealed, until content is erased
from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Connection, select

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.exchange.segments import Segment, extent, folder_of, segments_of
from hub.exchange.tables import exchange_block
from hub.exchange.views import View
from hub.site import Site

HASH = 32  # bytes
_TRIES = 5  # of a range that somebody seals, or erases in, at the same time


@dataclass(frozen=True, slots=True)
class Page:
    """`body` is NDJSON, one entry per line; `last` is the cursor for the next page, `head` the
    stream's last entry."""

    body: bytes
    entries: int
    last: int
    head: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive entries from `first` on as they are kept: `lines` ends in a line feed."""

    first: int
    last: int
    lines: bytes


def lines(site: Site, connection: Connection, view: View, after: int, limit: int) -> Page:
    """At most `limit` entries with seq > `after`, in order.

    Raises Corrupt (stream_wrong) where something of them is missing or can't be read.
    """
    head = extent(connection, view)[0]
    last = min(after + limit, head)
    if last <= after:
        return Page(b"", 0, after, head)
    parts = [_cut(piece, after + 1, last) for piece in pieces(site, connection, view, after, last)]
    return Page(b"".join(parts), last - after, last, head)


def pieces(
    site: Site, connection: Connection, view: View, after: int, last: int
) -> Iterator[Piece]:
    """Everything that has entries of after < seq <= last, in order, a zstd frame at a time; `last`
    must be in the stream. Raises Corrupt (stream_wrong)."""
    expected, tries = after + 1, 0
    while expected <= last:
        before = expected
        try:
            for piece in _kept(site, connection, view, expected, last):
                if piece.first > expected:
                    break
                yield piece
                expected = piece.last + 1
        except FileNotFoundError:
            pass  # another edition has come in its place
        tries = tries + 1 if expected == before else 0
        if tries == _TRIES:
            raise Corrupt(wrong(view, expected, "entries are missing"))


def leaves(site: Site, connection: Connection, view: View, first: int, last: int) -> bytes:
    """The leaf hashes of entries `first` to `last`, 32 bytes each. Raises Corrupt (stream_wrong)."""
    for _ in range(_TRIES):
        try:
            found = b"".join(_leaves(site, connection, view, first, last))
        except FileNotFoundError:
            continue
        if len(found) == HASH * (last - first + 1):
            return found
    raise Corrupt(wrong(view, first, "leaf hashes are missing"))


def wrong(view: View, seq: int, reason: str) -> Issue:
    """stream_wrong of an entry."""
    words = {"dataset": view.dataset, "view": view.name, "reason": reason}
    return Issue("stream_wrong", value=str(seq), params=words)


def unpack(packed: bytes | memoryview, size: int) -> bytes:
    """The lines in one zstd frame; raises pyarrow's errors or OSError where it is none."""
    return bytes(pa.Codec("zstd").decompress(packed, size, asbytes=True))


def _kept(
    site: Site, connection: Connection, view: View, first: int, last: int
) -> Iterator[Piece]:
    for segment in segments_of(connection, view, first, last):
        yield from _of_segment(site, view, segment, first, last)
    within = (exchange_block.c.view_id == view.id) & (exchange_block.c.last_seq >= first)
    query = select(exchange_block).where(within, exchange_block.c.first_seq <= last)
    for row in connection.execute(query.order_by(exchange_block.c.first_seq)).mappings():
        text = _unpacked(view, row["first_seq"], bytes(row["lines"]), row["lines_size"])
        yield Piece(row["first_seq"], row["last_seq"], text)


def _of_segment(
    site: Site, view: View, segment: Segment, first: int, last: int
) -> Iterator[Piece]:
    ends = [frame.first - 1 for frame in segment.frames[1:]] + [segment.last]
    with (folder_of(site, view) / segment.lines_file).open("rb") as file:
        for frame, end in zip(segment.frames, ends, strict=True):
            if end >= first and frame.first <= last:
                file.seek(frame.place)
                packed = file.read(frame.size)
                yield Piece(frame.first, end, _unpacked(view, frame.first, packed, frame.raw))


def _unpacked(view: View, first: int, packed: bytes, size: int) -> bytes:
    try:
        return unpack(packed, size)
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        raise Corrupt(wrong(view, first, "the lines can't be unpacked")) from error


def _cut(piece: Piece, first: int, last: int) -> bytes:
    """The lines of a piece that are within `first` … `last`."""
    if piece.first >= first and piece.last <= last:
        return piece.lines
    found = piece.lines.split(b"\n")[max(first - piece.first, 0) : last - piece.first + 1]
    return b"\n".join(found).removesuffix(b"\n") + b"\n"


def _leaves(
    site: Site, connection: Connection, view: View, first: int, last: int
) -> Iterator[bytes]:
    for segment in segments_of(connection, view, first, last):
        start, end = max(first, segment.first), min(last, segment.last)
        with (folder_of(site, view) / segment.hashes_file).open("rb") as file:
            file.seek(HASH * (start - segment.first))
            yield file.read(HASH * (end - start + 1))
    columns = (exchange_block.c.first_seq, exchange_block.c.last_seq, exchange_block.c.leaves)
    within = (exchange_block.c.view_id == view.id) & (exchange_block.c.last_seq >= first)
    query = select(*columns).where(within, exchange_block.c.first_seq <= last)
    for row in connection.execute(query.order_by(exchange_block.c.first_seq)):
        start, end = max(first, row.first_seq), min(last, row.last_seq)
        yield bytes(row.leaves)[HASH * (start - row.first_seq) : HASH * (end - row.first_seq + 1)]
