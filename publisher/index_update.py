"""index.sqlite of the next release, from the one before and what differs.

Nothing of a record that was removed or replaced stays in the file: SQLite overwrites what is deleted.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from bisect import bisect
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from exchange_schemas.standard import Standard
from publisher.columns import PUBLISHED_ON, RECORD_ID
from publisher.contents import ROWS, SLICE
from publisher.index_build import TEXT, build_index
from publisher.index_cells import read_cells, read_order, write_cells, write_order
from publisher.index_edit import edit_postings, flags
from publisher.index_layout import CHUNK, CODED, COLUMNS, FORMAT, FREE, roles_told
from publisher.index_rows import Cells, Values, cells_of, kept, shown_rows
from publisher.index_texts import Numbers, postings, searched_text, slots_of

_ID = "SELECT record_id FROM record WHERE slot = ?"
_FIND = "SELECT slot FROM record WHERE record_id IN (SELECT value FROM json_each(?))"


def update_index(
    before: Path, path: Path, standard: Standard, upserts: pl.DataFrame, removed: Sequence[str]
) -> None:
    """Write `path`: the index `before` with the rows `upserts` put and the records `removed` away.

    `upserts` has the columns of a release. An index that was begun with other roles, or in another
    format, is built anew from the rows that stand beside it. Raises sqlite3.OperationalError when the
    disk is full.
    """
    if _begun(before) != (FORMAT, roles_told(standard)):
        rows = _merged(before.parent / ROWS, standard, upserts, removed)
        build_index(path, standard, rows.iter_slices(SLICE))
        return
    shutil.copyfile(before, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; BEGIN"
        )
        _update(connection, upserts, [*removed, *upserts[RECORD_ID]])
        connection.execute("COMMIT")


def _begun(path: Path) -> tuple[int, dict[str, list[str]]]:
    """The format and the roles with which an index was begun."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        told = dict(connection.execute("SELECT name, told FROM about"))
    return int(told["format"]), json.loads(told["roles"])


def _merged(
    before: Path, standard: Standard, upserts: pl.DataFrame, removed: Sequence[str]
) -> pl.DataFrame:
    """All rows of the next release in order, with the columns that an index needs."""
    fields = {name for names in roles_told(standard).values() for name in names}
    wanted = [n for n in upserts.columns if n in fields or n in (RECORD_ID, PUBLISHED_ON)]
    leaving = pl.Series([*removed, *upserts[RECORD_ID]], dtype=pl.String)
    kept = pl.scan_parquet(before).select(wanted).collect()
    kept = kept.filter(~pl.col(RECORD_ID).is_in(leaving.implode()))
    by = [*roles_told(standard)["date"], RECORD_ID]
    down = [name != RECORD_ID for name in by]
    return pl.concat([kept, upserts.select(wanted)]).sort(by, descending=down, nulls_last=True)


def _update(connection: sqlite3.Connection, upserts: pl.DataFrame, leaving: list[str]) -> None:
    told = json.loads(
        connection.execute("SELECT told FROM about WHERE name = 'roles'").fetchone()[0]
    )
    cells = read_cells(connection, COLUMNS)
    left = _clear(connection, cells, leaving)
    text = searched_text(upserts, told["searched"]).alias(TEXT)
    rows = kept(upserts, told).with_columns(text)
    need = slots_of(rows[TEXT])
    slots, cells = _place(cells, need)
    values = _values(connection)
    new: Cells = {"owner": slots.astype(np.uint32), **cells_of(rows, values)}
    taken = np.repeat(slots - np.cumsum(need) + need, need) + np.arange(need.sum())
    for name, column in cells.items():
        column[taken] = np.repeat(new[name], need)
    connection.executemany(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)", shown_rows(slots.tolist(), rows)
    )
    write_cells(connection, cells, np.unique(np.concatenate([left, taken]) // CHUNK))
    write_order(connection, _next_order(connection, left, slots, cells["day"]))
    _keep_values(connection, values, cells)
    _edit(connection, left, slots, rows[TEXT])


def _clear(connection: sqlite3.Connection, cells: Cells, leaving: list[str]) -> Numbers:
    """Free the slots of these records; returns which."""
    ids = json.dumps(leaving)
    first = [slot for (slot,) in connection.execute(_FIND, (ids,))]
    connection.executemany("DELETE FROM record WHERE slot = ?", ((slot,) for slot in first))
    slots = np.flatnonzero(np.isin(cells["owner"], np.array(first, dtype=np.uint32)))
    for name, (_, nothing) in COLUMNS.items():
        cells[name][slots] = nothing
    return slots


def _place(cells: Cells, need: Numbers) -> tuple[Numbers, Cells]:
    """A first slot for each row, free ones first, and the cells with room for all of them."""
    free = np.flatnonzero(cells["owner"] == FREE).tolist()[::-1]
    end = len(cells["owner"])
    slots = []
    for count in need.tolist():
        if count == 1 and free:
            slots.append(free.pop())
            continue
        if end % CHUNK + count > CHUNK:
            end += CHUNK - end % CHUNK
        slots.append(end)
        end += count
    more = end - len(cells["owner"])
    grown = {
        name: np.append(cells[name], np.full(more, nothing, dtype=dtype))
        for name, (dtype, nothing) in COLUMNS.items()
    }
    return np.array(slots, dtype=np.int64), grown


def _next_order(
    connection: sqlite3.Connection, left: Numbers, slots: Numbers, day: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint32]:
    """Newest day first, and by record id within a day, as the rows of a release are ordered."""
    before = read_order(connection)
    order = before[~np.isin(before, left.astype(np.uint32))]

    def key(slot: int) -> tuple[int, str]:
        return -int(day[slot]), connection.execute(_ID, (int(slot),)).fetchone()[0]

    coming = sorted(slots.tolist(), key=key)
    places = [bisect(order, key(slot), key=key) for slot in coming]
    return np.insert(order, places, np.array(coming, dtype=np.uint32))


def _values(connection: sqlite3.Connection) -> Values:
    values = Values()
    for role, code, told in connection.execute("SELECT role, code, told FROM value"):
        values.codes[role][told] = code
    return values


def _keep_values(connection: sqlite3.Connection, values: Values, cells: Cells) -> None:
    """Only the values that a record still has."""
    used = {role: set(np.unique(cells[role]).tolist()) for role in CODED}
    stay = {(role, code): told for role, code, told in values.rows() if code in used[role]}
    known = set(connection.execute("SELECT role, code FROM value"))
    connection.executemany("DELETE FROM value WHERE role = ? AND code = ?", known - stay.keys())
    connection.executemany(
        "INSERT INTO value VALUES (?, ?, ?)",
        ((*key, told) for key, told in stay.items() if key not in known),
    )


def _edit(connection: sqlite3.Connection, left: Numbers, slots: Numbers, texts: pl.Series) -> None:
    for chunk in np.unique(np.concatenate([left, slots]) // CHUNK).tolist():
        here = slots // CHUNK == chunk
        put = postings(texts.filter(pl.Series(here)), slots[here] % CHUNK) if here.any() else None
        edit_postings(connection, chunk, flags(left[left // CHUNK == chunk] % CHUNK), put)
