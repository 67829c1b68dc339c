"""Rows of a stream's tree: hashes of every eighth level, from segments' files and the open tail.

Nothing is kept as tiles, because a segment's file of hashes is whole tiles one behind the other.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import numpy as np
from sqlalchemy import Connection, Row, select

from exchange_schemas.errors import Corrupt
from hub.exchange import reading
from hub.exchange.segments import HASHES, extent, folder_of, span
from hub.exchange.tables import exchange_segment
from hub.exchange.views import View
from hub.site import Site
from hub.tree.hashing import HASH, Hashes, hashes_of, parents
from hub.tree.tiles import WIDTH, count_at, roots

#: first_seq, last_seq, root, tops
Segmented = Row[tuple[int, int, bytes, bytes | None]]


class TreeRows:
    """Hash `i` of `level` is the root of the 256^level entries from i · 256^level on."""

    def __init__(self, site: Site, connection: Connection, view: View) -> None:
        self._site, self._connection, self._view = site, connection, view
        self.size, self._sealed = extent(connection, view)
        self._found: dict[tuple[int, int], list[Segmented]] = {}

    def row(self, level: int, first: int, count: int) -> Hashes:
        """`count` hashes from `first` on, (count, 32); the stream must have them.

        Raises Corrupt (stream_wrong).
        """
        sealed = max(0, min(count, count_at(level, self._sealed) - first))
        parts = [self._of_segments(level, first, sealed)] if sealed else []
        if sealed < count:
            parts.append(self._of_tail(level, first + sealed, count - sealed))
        return np.concatenate(parts)

    def _of_tail(self, level: int, first: int, count: int) -> Hashes:
        """As `row`, where not all the entries below are sealed."""
        if level == 0:
            return self._leaves(first, count)
        if level > 1:
            return roots(self.row(level - 1, first * WIDTH, count * WIDTH))
        mine = (str(self._site.path), self._view.id)
        known = _KNOWN.beginning(mine, first, count)
        if len(known) < count:
            begin, rest = first + len(known), count - len(known)
            new = roots(self._leaves(begin * WIDTH, rest * WIDTH))
            _KNOWN.add(mine, begin, new)
            known.append(new.tobytes())
        return hashes_of(b"".join(known))

    def _leaves(self, first: int, count: int) -> Hashes:
        end = first + count
        return hashes_of(reading.leaves(self._site, self._connection, self._view, first + 1, end))

    def _of_segments(self, level: int, first: int, count: int) -> Hashes:
        """As `row`, where all the entries below are sealed."""
        each, whole = WIDTH**level, self._view.segment_entries
        found = self._segments(first * each + 1, (first + count) * each)
        if each < whole and level > 1:
            return self._of_tops(found, first, count)
        if each < whole:
            parts = [
                self._of_file(one.first_seq, one.last_seq, level, first, count) for one in found
            ]
            return np.concatenate(parts)
        row = hashes_of(b"".join(bytes(one.root) for one in found))
        while len(row) > count:
            row = parents(row)
        return row

    def _of_tops(self, found: list[Segmented], first: int, count: int) -> Hashes:
        """As `row`, of level 2, where a segment has several of its hashes."""
        each = WIDTH**2
        if not all(one.tops for one in found):
            return roots(self.row(1, first * WIDTH, count * WIDTH))
        row = hashes_of(b"".join(bytes(one.tops or b"") for one in found))
        begin = first - (found[0].first_seq - 1) // each
        if len(row) < begin + count:
            raise Corrupt(reading.wrong(self._view, first * each + 1, "hashes are missing"))
        return row[begin : begin + count]

    def _segments(self, first: int, last: int) -> list[Segmented]:
        """The segments that have entries of `first` … `last`; asked for once.

        Raises Corrupt (stream_wrong) where one is missing: what is behind it would take its place.
        """
        if (first, last) not in self._found:
            columns = (
                exchange_segment.c.first_seq,
                exchange_segment.c.last_seq,
                exchange_segment.c.root,
                exchange_segment.c.tops,
            )
            mine = (exchange_segment.c.view_id == self._view.id) & (columns[1] >= first)
            query = select(*columns).where(mine, columns[0] <= last).order_by(columns[0])
            found: list[Segmented] = list(self._connection.execute(query))
            each = self._view.segment_entries
            if len(found) != (last - 1) // each - (first - 1) // each + 1:
                raise Corrupt(reading.wrong(self._view, first, "segments are missing"))
            self._found[first, last] = found
        return self._found[first, last]

    def _of_file(
        self, first_seq: int, last_seq: int, level: int, first: int, count: int
    ) -> Hashes:
        """What a segment's file has of `row`: its leaves, and behind them the roots of each 256."""
        each = WIDTH**level
        begin, end = (first_seq - 1) // each, last_seq // each
        start, stop = max(first, begin), min(first + count, end)
        ahead = last_seq - first_seq + 1 if level else 0
        path = folder_of(self._site, self._view) / f"{span(first_seq, last_seq)}.{HASHES}"
        try:
            with path.open("rb") as file:
                file.seek(HASH * (ahead + start - begin))
                raw = file.read(HASH * (stop - start))
        except FileNotFoundError:
            raw = b""
        if len(raw) != HASH * (stop - start):
            raise Corrupt(reading.wrong(self._view, start * each + 1, "hashes are missing"))
        return hashes_of(raw)


class _Known:
    """Roots of each 256 entries of open tails: they never change, and sealing makes them needless."""

    MOST = 65_536  # hashes, of all streams

    def __init__(self) -> None:
        self._hashes: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def beginning(self, stream: tuple[str, int], first: int, count: int) -> list[bytes]:
        """The known ones of `count` from `first` on, up to the first that isn't."""
        found = []
        for index in range(first, first + count):
            one = self._hashes.get((*stream, index))
            if one is None:
                break
            found.append(one)
        return found

    def add(self, stream: tuple[str, int], first: int, hashes: Hashes) -> None:
        """Remember these; the oldest are forgotten."""
        with self._lock:
            for place, one in enumerate(hashes):
                self._hashes[*stream, first + place] = one.tobytes()
            while len(self._hashes) > self.MOST:
                self._hashes.popitem(last=False)


_KNOWN = _Known()
