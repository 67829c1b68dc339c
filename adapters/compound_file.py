"""One stream of a compound file (MS-CFB), the container of an .xls: a small file system in a file.

It is taken out and put into a container of our own before another reader is let near it:
python-calamine follows chains of sectors that run in circles or out of the file until the memory is
full. Here they are refused.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("<30xHH10xLL4xLLLL")
_TABLE_START, _TABLE_COUNT = 76, 109  # sectors of the table that the header names itself
_ENTRY = struct.Struct("<64sHB49xLQ")  # of the directory
_STREAM, _ROOT = 2, 5
_MINI = 64  # bytes of a small sector, of which short streams are made
_LAST = 0xFFFFFFFA  # from here on a number is no sector
_IS_TABLE, _END, _FREE = 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF
_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LARGE, _SMALLEST = 4096, 4096  # bytes of our sectors, and of a stream that is made of such

Table = NDArray[np.uint32]


class CompoundFault(Exception):
    """The file isn't a whole compound file."""


class _Entry(NamedTuple):
    name: str
    kind: int
    start: int
    size: int


def read_stream(path: Path, names: Sequence[str], most: int) -> bytes:
    """The bytes of the first stream with one of these names.

    Raises CompoundFault where there is none, where it is damaged, or has more than `most` bytes.
    """
    with (
        path.open("rb") as source,
        mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        try:
            return _File(content).stream(names, most)
        except (struct.error, IndexError, ValueError) as error:
            raise CompoundFault(str(error)) from error


def wrap_stream(name: str, content: bytes | bytearray) -> bytes:
    """A compound file with nothing but this stream, of at most 450 MB."""
    size = max(len(content), _SMALLEST)
    count = -(-size // _LARGE)
    tables = -(-(count + 1) // (_LARGE // 4 - 1))
    first = tables + 1  # behind the tables stands the directory
    fat = np.full(tables * _LARGE // 4, _FREE, dtype="<u4")
    fat[:tables] = _IS_TABLE
    fat[tables] = _END
    fat[first : first + count] = np.arange(first + 1, first + count + 1)
    fat[first + count - 1] = _END
    head = struct.pack(
        "<8s16xHHHHH6xLLLLLLLLL", _MAGIC, 0x3E, 4, 0xFFFE, 12, 6, 1, tables, tables, 0, 4096,
        _END, 0, _END, 0,
    )  # fmt: skip
    head += b"".join(struct.pack("<L", k if k < tables else _FREE) for k in range(_TABLE_COUNT))
    entries = _packed("Root Entry", _ROOT, 0, 0, 1) + _packed(name, _STREAM, first, size, _FREE)
    parts = [head.ljust(_LARGE, b"\0"), fat.tobytes(), entries.ljust(_LARGE, b"\0"), content]
    return b"".join(parts).ljust((first + count + 1) * _LARGE, b"\0")


def _packed(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    text = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBLLL36xLQ", text, len(text) + 2, kind, 1, _FREE, _FREE, child, start, size
    )


class _File:
    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        shift, _, fats, directory, cutoff, minifat, _, difat = _HEADER.unpack_from(content)
        if shift not in (9, 12):
            raise CompoundFault(f"its sectors have 2^{shift} bytes")
        self._sector, self._cutoff = 1 << shift, cutoff
        self._fat = self._read_fat(fats, difat)
        self._minifat = np.frombuffer(self._large(minifat), dtype="<u4")
        listed = self._large(directory)
        self._entries = [_entry(listed, at) for at in range(0, len(listed) - 127, 128)]

    def stream(self, names: Sequence[str], most: int) -> bytes:
        for name, kind, start, size in self._entries:
            if kind == _STREAM and name in names:
                if size > most:
                    raise CompoundFault(f"{name} has {size:,} bytes")
                data = self._small(start) if size < self._cutoff else self._large(start)
                if len(data) < size:
                    raise CompoundFault(f"{name} is cut short")
                return data[:size]
        raise CompoundFault(f"it has no {' or '.join(names)}")

    def _read_fat(self, count: int, difat: int) -> Table:
        """The table that says of every sector which one follows it."""
        named = np.frombuffer(self._content[: _TABLE_START + 4 * _TABLE_COUNT], dtype="<u4")
        sectors = named[_TABLE_START // 4 :].tolist()
        for _ in range(count // (self._sector // 4 - 1) + 1):
            if difat >= _LAST or len(sectors) >= count:
                break
            more = np.frombuffer(self._bytes(difat), dtype="<u4").tolist()
            sectors += more[:-1]
            difat = more[-1]
        wanted = [sector for sector in sectors[:count] if sector < _LAST]
        return np.frombuffer(b"".join(map(self._bytes, wanted)), dtype="<u4")

    def _large(self, start: int) -> bytes:
        return b"".join(map(self._bytes, _chain(self._fat, start)))

    def _small(self, start: int) -> bytes:
        roots = [entry.start for entry in self._entries if entry.kind == _ROOT]
        whole = self._large(roots[0])
        places = _chain(self._minifat, start)
        return b"".join(whole[_MINI * place : _MINI * (place + 1)] for place in places)

    def _bytes(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector  # the header takes the first
        if start >= len(self._content):
            raise CompoundFault(f"sector {sector} is missing")
        return self._content[start : start + self._sector]


def _entry(listed: bytes, at: int) -> _Entry:
    name, length, kind, start, size = _ENTRY.unpack_from(listed, at)
    # older makers leave rubbish in the upper half of the size
    return _Entry(
        name[: max(length - 2, 0)].decode("utf-16-le", "replace"), kind, start, size & 0xFFFFFFFF
    )


def _chain(table: Table, start: int) -> list[int]:
    found: list[int] = []
    while start < _LAST:
        if start >= len(table) or len(found) >= len(table):
            raise CompoundFault("its sectors run in a circle or out of the file")
        found.append(start)
        start = int(table[start])
    return found
