"""The columns of index.sqlite: an entry for every slot, kept chunk by chunk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from publisher.index_layout import CHUNK, COLUMNS, ORDER
from publisher.index_rows import Cells
from publisher.index_texts import Numbers


def read_cells(connection: sqlite3.Connection, names: Iterable[str]) -> Cells:
    """Whole columns; they may be written to."""
    return {name: column(name, connection.execute(_COLUMN, (name,)).fetchall()) for name in names}


def read_order(connection: sqlite3.Connection) -> npt.NDArray[np.uint32]:
    """The first slots of all records, in the order of the release."""
    ((_, data),) = connection.execute(_COLUMN, (ORDER,))
    return np.frombuffer(data, dtype=np.uint32)


_COLUMN = "SELECT chunk, data FROM cells WHERE name = ? ORDER BY chunk"


def column(name: str, parts: list[tuple[int, bytes]]) -> npt.NDArray[Any]:
    """A column from its (chunk, data) in order; a chunk that isn't full ends in free slots."""
    dtype, nothing = COLUMNS[name]
    size = np.dtype(dtype).itemsize
    slots = parts[-1][0] * CHUNK + len(parts[-1][1]) // size if parts else 0
    whole = np.full(slots, nothing, dtype=dtype)
    for chunk, data in parts:
        part = np.frombuffer(data, dtype=dtype)
        whole[chunk * CHUNK : chunk * CHUNK + len(part)] = part
    return whole


def write_cells(connection: sqlite3.Connection, cells: Cells, chunks: Numbers) -> None:
    """Write these chunks of all columns anew."""
    connection.executemany(
        _WRITE,
        (
            (name, chunk, whole[chunk * CHUNK : (chunk + 1) * CHUNK].tobytes())
            for name, whole in cells.items()
            for chunk in chunks.tolist()
        ),
    )


def write_order(connection: sqlite3.Connection, order: npt.NDArray[np.uint32]) -> None:
    """Write the order of the release anew."""
    connection.execute(_WRITE, (ORDER, 0, order.tobytes()))


_WRITE = "INSERT OR REPLACE INTO cells VALUES (?, ?, ?)"
