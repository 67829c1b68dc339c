"""Segments: the content of consecutive revisions, compressed.

A segment's bytes are zstd of one line per revision, in order of seq: the record's canonical JSON,
or an empty line where the revision is a delete.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
import pyarrow as pa

ROWS = 1_000  # revisions per segment at most
LEVEL = 1  # zstd: five times smaller already; lower levels save little time

_CODEC = "zstd"


def pack(lines: pl.Series) -> list[bytes]:
    """The lines (String; "" for a delete) as segments of at most `ROWS` lines each."""
    if lines.is_empty():
        return []
    # In Arrow's large strings all text is one buffer, so a segment's lines are a slice of it.
    array = (lines + "\n").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, text = array.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    starts = [*ends[: len(array) : ROWS].tolist(), int(ends[-1])]
    return [compress(text.slice(first, last - first - 1)) for first, last in pairwise(starts)]


def compress(data: pa.Buffer | bytes) -> bytes:
    """zstd with the size in front, so that it can be undone in one allocation."""
    packed: bytes = pa.Codec(_CODEC, LEVEL).compress(data, asbytes=True)
    return len(data).to_bytes(8, "big") + packed


def unpack(content: bytes) -> bytes:
    """The lines of a segment, joined by line feeds."""
    size = int.from_bytes(content[:8], "big")
    return bytes(pa.Codec(_CODEC).decompress(content[8:], size, asbytes=True))
