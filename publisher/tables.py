"""A dataset's records as a table: chosen by the values of any fields, sorted by any field, in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from exchange_schemas.standard import Field, Standard
from publisher.columns import RECORD_ID, RECORD_ID_FIELD
from publisher.cursor import decode, encode
from publisher.index import Flags, Index
from publisher.index_layout import CODED
from publisher.manifest import Release
from publisher.query import Filters
from publisher.selection import Selection, condition, public_fields
from publisher.store import Store

MOST_ORDERS = 4  # of one index that are kept
RowNumbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a table, in which order, and which of them: see `Library.rows`."""

    where: Mapping[str, Sequence[str]]
    words: str
    filters: Filters
    sort: str | None
    after: str | None
    offset: int
    size: int


def page(
    store: Store, release: Release, standard: Standard, wanted: Wanted
) -> tuple[int, list[str], str | None]:
    """How many rows there are in all, the record ids of one page, and the cursor of the next."""
    index = store.index(release)
    flags = chosen(store, release, standard, Selection(wanted.filters, wanted.where, wanted.words))
    rows = _in_order(store, release, standard, index, flags, wanted.sort)
    first = _start(index, rows, wanted.after) + max(wanted.offset, 0)
    last = first + max(wanted.size, 0)
    ids = [one.record_id for one in index.found(rows[first:last].tolist())]
    more = bool(ids) and last < len(rows)
    return len(rows), ids, encode(last, ids[-1]) if more else None


def chosen(store: Store, release: Release, standard: Standard, selection: Selection) -> Flags:
    """The rows of a release that a selection takes, in the order of the release."""
    index = store.index(release)
    flags = index.matching(selection.words, selection.filters)
    for name, values in selection.where.items():
        flags &= _having(store, release, standard, index, name, values)
    return flags


def _having(
    store: Store,
    release: Release,
    standard: Standard,
    index: Index,
    name: str,
    values: Sequence[str],
) -> Flags:
    """The rows with one of the values in a field; a field that isn't public has none."""
    if name == RECORD_ID:
        known = [row for row in map(index.row, values) if row is not None]
        return np.isin(np.arange(index.rows), known)
    for role in CODED:
        if index.fields[role] == [name] and role != "county":  # of which only six digits are kept
            return index.having(role, values)
    columns = store.columns(release, [name])
    if name not in columns.columns:
        return np.zeros(index.rows, dtype=bool)
    holds = condition(standard, Selection(where={name: list(values)}), columns.columns)
    found: Flags = columns.select(holds.alias("holds"))["holds"].to_numpy()
    return found


def _in_order(
    store: Store,
    release: Release,
    standard: Standard,
    index: Index,
    flags: Flags,
    sort: str | None,
) -> RowNumbers:
    fields = {RECORD_ID: RECORD_ID_FIELD, **public_fields(standard)}
    field = fields.get((sort or "").removeprefix("-"))
    if field is None or sort is None:
        return np.flatnonzero(flags)
    order = index.orders.get(sort)
    if order is None:
        order = _order(store.columns(release, [field.name]), field, down=sort.startswith("-"))
        if len(index.orders) >= MOST_ORDERS:
            index.orders.clear()
        index.orders[sort] = order
    return order[flags[order]].astype(np.int64)


def _order(column: pl.DataFrame, field: Field, down: bool) -> npt.NDArray[np.uint32]:
    """The rows by the values of a field, those without one last; else as they were."""
    if not column.width:
        return np.arange(column.height, dtype=np.uint32)
    value = pl.col(field.name)
    if field.kind == "decimal":
        value = value.cast(pl.Decimal(38, 6), strict=False)
    elif field.kind == "list":
        value = value.list.join("\n")
    by = column.select(value.alias("value")).with_row_index("row")
    told = by.sort("value", "row", descending=[down, False], nulls_last=True)["row"]
    return told.to_numpy()


def _start(index: Index, rows: RowNumbers, after: str | None) -> int:
    """Where the page after a cursor begins: behind its record, wherever that stands by now."""
    told = decode(after, int, str)
    if told is None:
        return 0
    place, record_id = told
    if place and place <= len(rows):  # most often nothing has moved
        row = index.row(record_id)
        if row is None or rows[place - 1] == row:
            return int(place)
        at = np.flatnonzero(rows == row)
        return int(at[0]) + 1 if len(at) else int(place)
    return min(max(int(place), 0), len(rows))
