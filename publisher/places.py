"""places.bin: where each record's line stands in records.jsonl.

Sorted by the first eight bytes of the SHA-256 of the record id, so a record is found by halving and
neither an index nor the file has to be read. Mapped into memory: any number of processes share it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from exchange_schemas.record import digest_expr
from publisher.columns import RECORD_ID

PLACES = "places.bin"
_ROW = np.dtype([("key", ">u8"), ("start", "<u8"), ("length", "<u8")])


def write_places(path: Path, lines: pl.DataFrame) -> None:
    """Write the places of records whose lines follow each other in records.jsonl.

    `lines` has record_id and length (bytes, without the line feed), in the order of the file.
    """
    path.write_bytes(places_of(lines))


def places_of(lines: pl.DataFrame) -> bytes:
    """What places.bin says of `lines`, which are as `write_places` takes them."""
    length = lines["length"].cast(pl.UInt64).to_numpy()
    table = np.empty(lines.height, dtype=_ROW)
    table["key"] = _keys(lines)
    table["length"] = length
    table["start"] = np.cumsum(length + np.uint64(1)) - length - np.uint64(1)
    return table[np.argsort(table["key"], kind="stable")].tobytes()


def _keys(lines: pl.DataFrame) -> npt.NDArray[np.uint64]:
    heads = digest_expr(pl.col(RECORD_ID)).bin.slice(0, 8)
    number = heads.bin.reinterpret(dtype=pl.UInt64, endianness="big")
    return lines.select(number).to_series().to_numpy()


def read_lines(folder: Path, lines: Path, record_ids: Sequence[str]) -> list[bytes | None]:
    """The lines of records in the file `lines`, in the order asked for; None where there is none."""
    path = folder / PLACES
    if not path.stat().st_size:
        return [None] * len(record_ids)
    table = np.memmap(path, dtype=_ROW, mode="r").view(np.ndarray)
    with lines.open("rb") as file:
        return [_line(file, table, record_id) for record_id in record_ids]


def _line(file: BinaryIO, table: npt.NDArray[np.void], record_id: str) -> bytes | None:
    mark = f'"{RECORD_ID}":"{record_id}"'.encode()
    for start, length in _candidates(table, record_id):
        file.seek(start)
        line = file.read(length)
        if mark in line:
            return line
    return None


def _candidates(table: npt.NDArray[np.void], record_id: str) -> Iterator[tuple[int, int]]:
    """(start, length) in bytes of the lines that may be the record's: nearly always one or none."""
    key = int.from_bytes(hashlib.sha256(record_id.encode()).digest()[:8], "big")
    keys = table["key"]
    # NumPy's own search would copy all keys, because their bytes are in another order.
    place = bisect_left(range(len(table)), key, key=lambda row: int(keys[row]))
    while place < len(table) and int(keys[place]) == key:
        yield int(table["start"][place]), int(table["length"][place])
        place += 1
