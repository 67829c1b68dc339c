"""SHA-256 of many entries and nodes at a time, and what an entry's leaf commits to.

A tree's leaf is SHA-256(0x00 ‖ input), a node SHA-256(0x01 ‖ left ‖ right): RFC 9162, section 2.1.1,
https://www.rfc-editor.org/rfc/rfc9162.html#section-2.1. The zero and one keep a leaf from being
shown as a node.
"""

from __future__ import annotations

import binascii
import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl
import polars_hash  # noqa: F401  # registers .chash
import pyarrow as pa

HASH = 32  # bytes
EMPTY_ROOT = hashlib.sha256(b"").digest()  # of the tree without leaves

#: Hashes one below the other, shape (n, 32).
Hashes = npt.NDArray[np.uint8]

_LEAF = "\x00"  # one byte in UTF-8, so that a text may carry it
_NODE = b"\x01"
_FEW = 256  # below this a loop over hashlib is quicker than a frame
_MANY = 32_768  # from here on all processors take part


def leaf_hashes(entries: pl.DataFrame) -> Hashes:
    """The leaf hash of each entry, (n, 32).

    Columns: seq (Int64), operation, recorded_at, standard (String); and for the commitment either
    `commitment` (hex), or key, salt and record (String, null for a delete). Both may stand in one
    frame: a commitment that isn't null counts. `was`, where there is such a column and it isn't null,
    stands for the operation: an erased entry keeps its leaf. Raises ValueError where a part is null.
    """
    names = entries.columns
    operation = pl.coalesce("was", "operation") if "was" in names else pl.col("operation")
    parts = (pl.col("seq").cast(pl.String), operation, "recorded_at", "standard", "commitment")
    whole = entries.with_columns(commitments(entries))
    return sha256(whole.select(pl.concat_str(pl.lit(_LEAF), pl.concat_str(parts, separator="\n"))))


def commitments(entries: pl.DataFrame) -> pl.Series:
    """`commitment` (hex) of each entry: SHA-256 of salt, key and record, a newline between two.

    Columns as of `leaf_hashes`. Who doesn't know the salt can't guess a content from it; a record
    is canonical JSON without a newline, so no key can run into it.
    """
    names = entries.columns
    if "salt" not in names:
        return entries["commitment"]
    text = pl.concat_str("salt", "key", pl.col("record").fill_null(""), separator="\n")
    computed = _hex(entries.select(text))
    if "commitment" not in names:
        return computed.alias("commitment")
    both = pl.DataFrame({"told": entries["commitment"], "computed": computed})
    return both.select(pl.coalesce("told", "computed").alias("commitment"))["commitment"]


def parents(hashes: Hashes) -> Hashes:
    """The nodes over each two neighbours, (n, 32) → (n // 2, 32); an odd last one has none here."""
    count = len(hashes) // 2
    if count < _FEW:
        raw = hashes.tobytes()
        found = (node(raw[at : at + 64]) for at in range(0, count * 64, 64))
        return hashes_of(b"".join(found))
    blocks = np.empty((count, 1 + 2 * HASH), dtype=np.uint8)
    blocks[:, 0] = 1
    blocks[:, 1:] = hashes[: 2 * count].reshape(count, 2 * HASH)
    ends = np.arange(count + 1, dtype=np.int64) * blocks.shape[1]
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(blocks)]
    binary = pa.LargeBinaryArray.from_buffers(pa.large_binary(), count, buffers)
    return sha256(pl.DataFrame({"node": pl.from_arrow(binary)}))


def node(both: bytes) -> bytes:
    """The node over left ‖ right, 64 bytes."""
    return hashlib.sha256(_NODE + both).digest()


def hashes_of(raw: bytes) -> Hashes:
    """Concatenated hashes as (n, 32); raises ValueError where that doesn't come out even."""
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, HASH)


def sha256(column: pl.DataFrame) -> Hashes:
    """SHA-256 of each value of a frame's only column (String or Binary), (n, 32).

    Raises ValueError where a value is null: its neighbours would take its place.
    """
    digests = _hex(column)
    if digests.null_count():
        raise ValueError("an entry lacks a part that its leaf commits to")
    text = digests.to_arrow().cast(pa.large_string())
    offset, buffer = text.offset * 2 * HASH, text.buffers()[2]
    if buffer is None:
        return np.empty((0, HASH), dtype=np.uint8)
    return hashes_of(binascii.unhexlify(memoryview(buffer)[offset : offset + len(text) * 64]))


def _hex(column: pl.DataFrame) -> pl.Series:
    hashed = pl.nth(0).chash.sha2_256()  # type: ignore[attr-defined]  # polars_hash adds .chash
    if column.height < _MANY:
        return column.select(hashed).to_series()
    # One column is hashed by one processor, so the rows are shared out.
    share = -(-column.height // pl.thread_pool_size())
    parts = [part.lazy().select(hashed) for part in column.iter_slices(share)]
    return pl.concat(pl.collect_all(parts)).to_series()
