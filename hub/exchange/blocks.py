"""Blocks: the entries of the open tail, each one zstd frame of lines and the leaf hashes beside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, insert

from hub.exchange.tables import exchange_block
from hub.exchange.views import View
from hub.tree.hashing import Hashes, leaf_hashes
from hub.tree.lines import line
from publisher.salts import new_salts

ENTRIES = 4_096  # of a whole block: a page of any length unpacks little that it doesn't send
LEVEL = 2  # zstd: a tenth smaller than 1 and as quick; 3 takes a third longer for another tenth
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Block:
    """Entries `first` to `last`: `lines` packed, `size` bytes unpacked, 32 bytes of `leaves` each."""

    first: int
    last: int
    lines: bytes
    size: int
    leaves: bytes


def sealed_in(entries: pl.DataFrame) -> pl.DataFrame:
    """Entries as a view shows them (`shown.SHOWN` and `standard`) with a new `salt` each, and a random
    `commitment` where they are erased: nobody knows any more what it would have been."""
    erased, count = pl.col("operation") == "erased", entries.height
    salted = entries.with_columns(new_salts(count).alias("salt"))
    if not has_erased(entries):
        return salted.with_columns(pl.lit(None, pl.String).alias("commitment"))
    whole = pl.concat_str(pl.lit(new_salts(count)), pl.lit(new_salts(count)))
    return salted.with_columns(
        pl.when(~erased).then("salt").alias("salt"),
        pl.when(erased).then(whole).alias("commitment"),
    )


def has_erased(entries: pl.DataFrame) -> bool:
    """Whether some of them have no content any more."""
    return bool((entries["operation"] == "erased").any())


def blocks_of(view: View, entries: pl.DataFrame) -> tuple[list[Block], Hashes]:
    """Entries (`lines.ENTRY`, consecutive) as blocks, cut where a whole block ends, and their leaf
    hashes (n, 32)."""
    texts, hashes = written(entries)
    return cut(view, int(entries["seq"][0]), texts, hashes), hashes


def written(entries: pl.DataFrame) -> tuple[pl.Series, Hashes]:
    """The lines of entries (`lines.ENTRY`), each without a line feed, and their leaf hashes."""
    erased = has_erased(entries)
    hashes = leaf_hashes(entries if erased else entries.drop("was", "commitment"))
    return entries.select(line(erased=erased))["line"], hashes


def cut(view: View, first: int, texts: pl.Series, hashes: Hashes) -> list[Block]:
    """Consecutive lines (String) from `first` on as blocks, cut where a whole block ends."""
    width = min(ENTRIES, view.segment_entries)
    starts = [0, *range(width - (first - 1) % width, len(texts), width)]
    ends = [*starts[1:], len(texts)]
    with ThreadPoolExecutor(_THREADS) as pool:
        packed = list(pool.map(lambda at, end: pack(texts[at:end]), starts, ends))
    return [
        Block(first + at, first + end - 1, lines, size, hashes[at:end].tobytes())
        for at, end, (lines, size) in zip(starts, ends, packed, strict=True)
    ]


def pack(texts: pl.Series) -> tuple[bytes, int]:
    """Lines (String) as one zstd frame, and how many bytes they are unpacked."""
    # Never as Python's text: that would take every character apart twice.
    text = texts.str.join("\n").cast(pl.Binary).item() + b"\n"
    return pa.Codec("zstd", LEVEL).compress(text, asbytes=True), len(text)


def insert_blocks(connection: Connection, view: View, blocks: list[Block]) -> None:
    """Write blocks behind the stream's."""
    rows = [
        {
            "view_id": view.id,
            "first_seq": block.first,
            "last_seq": block.last,
            "lines": block.lines,
            "lines_size": block.size,
            "leaves": block.leaves,
        }
        for block in blocks
    ]
    if rows:
        connection.execute(insert(exchange_block), rows)
