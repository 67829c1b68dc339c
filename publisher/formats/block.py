"""A run of rows in one of the text formats: the bytes, and how many of them are each row's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

_NEWEST = pl.CompatLevel.newest()  # gives the texts where they are


@dataclass(frozen=True, slots=True)
class Block:
    """Rows as they stand in a file.

    `parts`, one after another, are the rows' texts, the format's SEPARATOR between them; `lengths`
    (UInt32) the UTF-8 bytes of each row without it. A file is head + blocks joined by SEPARATOR +
    FOOT, or head + NO_ROWS where there are none.
    """

    parts: tuple[memoryview, ...]
    lengths: pl.Series

    @property
    def data(self) -> bytes:
        """All bytes in one piece."""
        return b"".join(self.parts)

    def texts(self, separator: bytes) -> list[bytes]:
        """Each row's text."""
        data, lengths = self.data, self.lengths.cast(pl.Int64)
        ends = (lengths + len(separator)).cum_sum() - len(separator)
        return [data[end - length : end] for end, length in zip(ends, lengths, strict=True)]


def block_of(rows: pl.Series, separator: bytes) -> Block:
    """The texts `rows` (String, none missing), each with the separator behind it, as one block."""
    parts, lengths = _in_place(rows) or _copied(rows)
    if parts:
        parts[-1] = parts[-1][: -len(separator)]
    own = lengths.astype(np.uint32) - np.uint32(len(separator))
    return Block(tuple(parts), pl.Series(own))


Texts = tuple[list[memoryview], np.ndarray]


def _in_place(rows: pl.Series) -> Texts | None:
    """The texts as they lie in memory, if they lie one after another: Polars appends them so.

    Copying them took a twentieth of the whole.
    """
    array = rows.to_arrow(compat_level=_NEWEST)
    _, views, *buffers = array.buffers()
    if not buffers:
        return None
    table = np.frombuffer(views, np.int32).reshape(-1, 4)[array.offset : array.offset + len(array)]
    length, number, start = (table[:, column].astype(np.int64) for column in (0, 2, 3))
    sizes = np.array([buffer.size for buffer in buffers])
    if length.min() <= 12 or length.sum() != sizes.sum():  # a shorter text lies in its view
        return None
    before = np.cumsum(sizes) - sizes
    if not np.array_equal(before[number] + start, np.cumsum(length) - length):
        return None
    return [memoryview(buffer).cast("B") for buffer in buffers], length


def _copied(rows: pl.Series) -> Texts:
    """The texts one after another, as Arrow's older columns have them."""
    _, offsets, data = rows.to_arrow().buffers()
    parts = [memoryview(data).cast("B")] if data else []
    return parts, np.diff(np.frombuffer(offsets or b"", np.int64))
