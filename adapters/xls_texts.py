"""How long the shared texts of an .xls are: each may stand in any number of cells."""

from __future__ import annotations

import struct
from array import array

_CONTINUE = 0x003C  # a record that goes on with the one before
_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08  # flags of a text


def sst_sizes(stream: bytearray, start: int, end: int) -> array[int]:
    """Bytes of every text of the table of shared texts, whose first record's content is given.

    Raises ValueError and struct.error where it is damaged.
    """
    reader = _Pieces(stream, start, end)
    _, count = struct.unpack("<LL", reader.take(8))
    if count > len(stream) // 3:
        raise ValueError("it says that it has more texts than it can have")
    sizes = array("L")
    for _ in range(count):
        if reader.at_end():
            break
        length, flags = struct.unpack("<HB", reader.take(3))
        runs = struct.unpack("<H", reader.take(2))[0] if flags & _RICH else 0
        extra = struct.unpack("<L", reader.take(4))[0] if flags & _EXTENDED else 0
        sizes.append(2 * length)
        reader.skip_text(length, wide=bool(flags & _WIDE))
        reader.skip(4 * runs + extra)
    return sizes


class _Pieces:
    """Bytes that are spread over records."""

    def __init__(self, stream: bytearray, start: int, end: int) -> None:
        self._stream, self._at, self._end = stream, start, end

    def at_end(self) -> bool:
        return self._at >= self._end and not self._next()

    def take(self, count: int) -> bytearray:
        if self._at >= self._end:
            self._follow()
        found = self._stream[self._at : min(self._at + count, self._end)]
        self._at += len(found)
        return found if len(found) == count else found + self.take(count - len(found))

    def skip(self, count: int) -> None:
        while count > self._end - self._at:
            count -= self._end - self._at
            self._follow()
        self._at += count

    def skip_text(self, length: int, wide: bool) -> None:
        """`length` characters; each record that they go on in says anew how wide they are."""
        while length:
            here = min(length, (self._end - self._at) // (2 if wide else 1))
            length -= here
            self._at += here * (2 if wide else 1)
            if length:
                self._follow()
                wide = bool(self._stream[self._at] & _WIDE)
                self._at += 1

    def _follow(self) -> None:
        if not self._next():
            raise ValueError("a text is cut short")

    def _next(self) -> bool:
        if self._end + 4 > len(self._stream):
            return False
        kind, length = struct.unpack_from("<HH", self._stream, self._end)
        if kind != _CONTINUE or self._end + 4 + length > len(self._stream):
            return False
        self._at, self._end = self._end + 4, self._end + 4 + length
        return True
