"""DBF tables for tests, written byte by byte as dBase does."""

from __future__ import annotations

import struct
from collections.abc import Sequence


def dbf(
    columns: Sequence[tuple[str, str, int]], records: Sequence[Sequence[str | bytes]],
    encoding: str = "gb18030", deleted: Sequence[int] = (), version: int = 3, count: int | None = None,
    end: bytes = b"\x1a",
) -> bytes:  # fmt: skip
    """A table of columns (name, type, width); `deleted` are places of records, from 0."""
    width = 1 + sum(column[2] for column in columns)
    head = struct.pack(
        "<BBBBLHH20x", version, 126, 11, 23, len(records) if count is None else count,
        33 + 32 * len(columns), width,
    )  # fmt: skip
    for name, kind, size in columns:
        written = name.encode(encoding)[:10]
        high = size >> 8 if kind == "C" else 0
        head += struct.pack("<11sc4xBB14x", written, kind.encode(), size & 0xFF, high)
    body = bytearray()
    for place, record in enumerate(records):
        body += b"*" if place in deleted else b" "
        for (_, kind, size), value in zip(columns, record, strict=True):
            content = value if isinstance(value, bytes) else value.encode(encoding)
            body += content.rjust(size) if kind in "NF" else content.ljust(size)[:size]
    return head + b"\r" + bytes(body) + end
