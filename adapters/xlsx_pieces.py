"""The XML of a sheet in pieces that have whole rows, so that each can be read on its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters.xml_text import DECLARATION

_MOST_HEAD = 1 << 20  # bytes before the rows
_ROWS, _END, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_SMALL = 1 << 20
_LONGEST = 16 << 20  # bytes of a row
# What a piece may rely on: UTF-8, elements without prefix, and nothing declared.
_HEAD = re.compile(rb"\A" + DECLARATION + rb"<worksheet [^!?]*<sheetData>\Z")


@dataclass(frozen=True, slots=True)
class Pieces:
    """`head` is the XML up to the rows, `end` closes what it opens."""

    head: bytes
    end: bytes = b"</sheetData></worksheet>"

    def whole(self, piece: bytes) -> Iterator[bytes]:
        """XML with these rows and no others, in the small blocks that its parser wants."""
        yield self.head
        for start in range(0, len(piece), _SMALL):
            yield piece[start : start + _SMALL]
        yield self.end

    def rows(self, blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
        """Pieces of about `size` bytes; what has no whole row is left to who reads it."""
        held: list[bytes] = []
        kept, before = 0, b""
        for block in self._behind_head(blocks):
            seen = before + block
            held.append(block)
            kept += len(block)
            before = seen[-len(_END) :]
            ended = _END in seen
            if not ended and kept < size:
                continue
            whole = b"".join(held)
            cut = whole.find(_END) if ended else whole.rfind(_ROW_END) + len(_ROW_END)
            if not ended and cut < len(_ROW_END):  # no row has ended
                if kept > _LONGEST:
                    break  # no row is as long: the parser says so
                held = [whole]
                continue
            if whole[:cut].strip():
                yield whole[:cut]
            if ended:
                return
            held, kept = [whole[cut:]], kept - cut
        yield b"".join(held)

    def _behind_head(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        skip = len(self.head)
        for block in blocks:
            if skip < len(block):
                yield block[skip:]
            skip = max(0, skip - len(block))

    def tail(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The XML from the end of the rows on."""
        before, found = b"", False
        for block in blocks:
            if found:
                yield block
                continue
            seen = before + block
            place = seen.find(_END)
            if place >= 0:
                found = True
                yield seen[place:]
            before = seen[-len(_END) :]


def pieces_of(blocks: Iterable[bytes]) -> Pieces | None:
    """How to cut the XML; None where it has to be read as a whole."""
    head = b""
    for block in blocks:
        head += block
        place = head.find(_ROWS)
        if place >= 0:
            head = head[: place + len(_ROWS)]
            return Pieces(head) if _HEAD.match(head) else None
        if len(head) > _MOST_HEAD:
            return None
    return None
