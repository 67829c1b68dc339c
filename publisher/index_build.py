"""index.sqlite of a release, written from all of its rows.

While one chunk is written, the next one is prepared on the other core.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from exchange_schemas.standard import Standard
from publisher.index_cells import write_order
from publisher.index_layout import CHUNK, COLUMNS, FORMAT, INDEXES, TABLES, roles_told
from publisher.index_rows import Cells, Told, Values, cells_of, kept, shown_rows
from publisher.index_texts import (
    Numbers,
    Postings,
    posting_rows,
    postings,
    searched_text,
    slots_of,
)

INDEX = "index.sqlite"
TEXT = "_text"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one chunk, ready to be written; `slots` are the first ones of the rows, within it."""

    number: int
    rows: pl.DataFrame
    slots: Numbers
    cells: Cells
    postings: Postings


def build_index(path: Path, standard: Standard, slices: Iterable[pl.DataFrame]) -> None:
    """Write the index of the rows in `slices`, which come in the order of the release.

    Raises sqlite3.OperationalError when the disk is full.
    """
    told, values = roles_told(standard), Values()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {TABLES}")
        connection.execute("BEGIN")
        order = [np.empty(0, dtype=np.uint32)]
        for chunk in _ahead(_chunks(slices, told, values)):
            write_chunk(connection, chunk)
            order.append((chunk.slots + chunk.number * CHUNK).astype(np.uint32))
        write_order(connection, np.concatenate(order))
        connection.executemany("INSERT INTO value VALUES (?, ?, ?)", values.rows())
        about = {"format": str(FORMAT), "roles": json.dumps(told)}
        connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        connection.execute("COMMIT")
        connection.executescript(INDEXES)


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The chunks, each prepared while the one before it is written."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk


def _chunks(slices: Iterable[pl.DataFrame], told: Told, values: Values) -> Iterator[Chunk]:
    for number, rows in enumerate(_filled(slices, told)):
        need = slots_of(rows[TEXT])
        slots = np.cumsum(need) - need
        cells = cells_of(rows, values)
        yield Chunk(number, rows, slots, cells, postings(rows[TEXT], slots))


def _filled(slices: Iterable[pl.DataFrame], told: Told) -> Iterator[pl.DataFrame]:
    """The rows again, as many at a time as have room in a chunk."""
    parts: list[pl.DataFrame] = []
    room = CHUNK
    for rows in slices:
        left = kept(rows, told).with_columns(searched_text(rows, told["searched"]).alias(TEXT))
        while left.height:
            ends = np.cumsum(slots_of(left[TEXT]))
            fit = int(np.searchsorted(ends, room, side="right"))
            parts.append(left[:fit])
            room -= int(ends[fit - 1]) if fit else 0
            left = left[fit:]
            if left.height:
                yield pl.concat(parts)
                parts, room = [], CHUNK
    if parts:
        yield pl.concat(parts)


def write_chunk(connection: sqlite3.Connection, chunk: Chunk) -> None:
    """Put a chunk's rows into all tables."""
    first = chunk.number * CHUNK
    connection.executemany(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)",
        shown_rows((chunk.slots + first).tolist(), chunk.rows),
    )
    connection.executemany(
        "INSERT INTO cells VALUES (?, ?, ?)",
        ((name, chunk.number, data.data) for name, data in _columns(chunk).items()),
    )
    connection.executemany(
        "INSERT INTO posting VALUES (?, ?)", posting_rows(chunk.number, chunk.postings)
    )


def _columns(chunk: Chunk) -> Cells:
    """The cells of all slots up to the last one in use."""
    need = slots_of(chunk.rows[TEXT])
    owner = (chunk.slots + chunk.number * CHUNK).astype(np.uint32)
    told: Cells = {"owner": owner, **chunk.cells}
    return {
        name: np.repeat(told[name], need).astype(dtype) for name, (dtype, _) in COLUMNS.items()
    }
