"""What an index.sqlite gives away: every text that is searched, put together again from its pairs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from publisher.index_layout import CHARACTER_BITS, PLACE_BITS, REST


def searched_texts(path: Path) -> list[str]:
    """Every text of every record, folded."""
    characters: list[npt.NDArray[np.int64]] = []
    for number, data in _rows(path, "SELECT id, data FROM posting"):
        chunk, first = divmod(number >> CHARACTER_BITS, 1 << CHARACTER_BITS)
        rare = number & REST == REST
        places = np.frombuffer(data, dtype=np.uint64 if rare else np.uint32).astype(np.int64)
        places = (places & ((1 << PLACE_BITS) - 1)) | chunk << PLACE_BITS
        characters.append(np.column_stack((places, np.full(len(places), first))))
    if not characters:
        return []
    told = np.concatenate(characters)
    told = told[np.argsort(told[:, 0])]
    gaps = np.flatnonzero(np.diff(told[:, 0]) != 1) + 1
    return ["".join(map(chr, part[:, 1])) for part in np.split(told, gaps)]


def shown_texts(path: Path) -> list[str]:
    """Every text that is shown of a record, or counted."""
    tables = ("record", "value")
    rows = [row for table in tables for row in _rows(path, f"SELECT * FROM {table}")]
    return [value for row in rows for value in row if isinstance(value, str)]


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        return connection.execute(query).fetchall()
