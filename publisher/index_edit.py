"""Places in index.sqlite put and taken away, one chunk at a time.

What a record left in a chunk is found by looking at all of its places, so nothing can stay, whatever
its text was or how it was folded.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from publisher.index_layout import CHUNK, PLACE_BITS, REST, SLOT_BITS, posting_id
from publisher.index_texts import Postings

_MASK = np.uint64((1 << PLACE_BITS) - 1)
Places = npt.NDArray[Any]  # uint32, or uint64 with the second character before the place


def edit_postings(
    connection: sqlite3.Connection,
    chunk: int,
    cleared: npt.NDArray[np.bool_],
    put: Postings | None,
) -> None:
    """Take the places of `cleared` slots (a flag for each of the chunk) away, and put others."""
    first, last = posting_id(chunk, 0, 0), posting_id(chunk + 1, 0, 0) - 1
    sql = "SELECT id, data FROM posting WHERE id BETWEEN ? AND ? ORDER BY id"
    known = dict(connection.execute(sql, (first, last)))
    coming = _coming(chunk, put, known) if put else {}
    touched = set(_touched(known, cleared))
    for number in sorted({*touched, *coming}):
        places = _places(number, known.get(number, b""))
        if number in touched:
            places = places[~cleared[_slots(places)]]
        for more in coming.get(number, []):
            places = np.insert(places, np.searchsorted(places, more), more)
        _store(connection, number, known, places)


def _store(
    connection: sqlite3.Connection, number: int, known: dict[int, bytes], after: Places
) -> None:
    if number not in known:
        connection.execute("INSERT INTO posting VALUES (?, ?)", (number, after.tobytes()))
    elif len(after):
        connection.execute("UPDATE posting SET data = ? WHERE id = ?", (after.tobytes(), number))
    else:
        connection.execute("DELETE FROM posting WHERE id = ?", (number,))


def _is_rest(number: int) -> bool:
    return number & REST == REST


def _places(number: int, data: bytes) -> Places:
    return np.frombuffer(data, dtype=np.uint64 if _is_rest(number) else np.uint32)


def _slots(places: Places) -> npt.NDArray[np.int64]:
    if places.dtype == np.uint64:
        places = places & _MASK
    slots: npt.NDArray[np.int64] = (places >> places.dtype.type(SLOT_BITS)).astype(np.int64)
    return slots


def _touched(known: dict[int, bytes], cleared: npt.NDArray[np.bool_]) -> Iterator[int]:
    """The ids of the rows with places in cleared slots."""
    if not cleared.any():
        return
    for rest in (False, True):
        numbers = [number for number in known if _is_rest(number) == rest]
        parts = [known[number] for number in numbers]
        places = _places(REST if rest else 0, b"".join(parts))
        ends = np.cumsum([len(part) // places.itemsize for part in parts])
        hits = np.searchsorted(ends, np.flatnonzero(cleared[_slots(places)]), side="right")
        yield from (numbers[n] for n in np.unique(hits))


def _coming(chunk: int, put: Postings, known: dict[int, bytes]) -> dict[int, list[Places]]:
    """id → places to put there: of a pair that has no row of its own, among the rare ones."""
    told: dict[int, list[Places]] = defaultdict(list)
    for n, (one, other) in enumerate(zip(put.firsts.tolist(), put.seconds.tolist(), strict=True)):
        places = put.places[put.starts[n] : put.starts[n + 1]]
        number = posting_id(chunk, one, other)
        if number in known:
            told[number].append(places)
        else:
            rare = np.uint64(other << PLACE_BITS) | places
            told[posting_id(chunk, one, REST)].append(rare)
    return told


def flags(slots: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """A flag for each slot of a chunk, set for these."""
    told = np.zeros(CHUNK, dtype=bool)
    told[slots] = True
    return told
