"""A whole view in the order of a release, some rows at a time, however large it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Standard
from publisher.changes import salted
from publisher.columns import RECORD_ID, arranged, checked, taken
from publisher.contents import SLICE
from publisher.packed import PackedView

View = pl.DataFrame | Path | PackedView  # a path is that of a Parquet file


def scanned(view: View) -> pl.LazyFrame:
    """The rows of a view, to be read as they are needed."""
    if isinstance(view, pl.DataFrame):
        return view.lazy()
    return view.scan() if isinstance(view, PackedView) else pl.scan_parquet(view)


def ordered(standard: Standard, view: View, room: Path) -> Iterator[pl.DataFrame]:
    """Slices of the view with new salts, in the columns of a release.

    The rows of a file needn't fit into memory, nor those of a packed view unpacked: they are dealt out
    to the slices where they belong, in files below `room`, and then each slice is put in order.
    Raises ValueError where record ids are missing or repeated.
    """
    if isinstance(view, pl.DataFrame):
        for part in arranged(standard, taken(standard, view)).iter_slices(SLICE):
            yield salted(part)
        return
    with tempfile.TemporaryDirectory(dir=room) as folder:
        for number in range(_deal(standard, view, Path(folder))):
            rows = pl.scan_ipc(Path(folder, f"{number}-*")).collect()
            yield salted(arranged(standard, rows))


def _deal(standard: Standard, view: View, folder: Path) -> int:
    """Write each slice's rows, as they come, into files `<slice>-<row>`; returns how many slices."""
    home = _homes(standard, view)
    for first in range(0, home.len(), SLICE):
        part = scanned(view).slice(first, SLICE).collect()
        rows = taken(standard, part).with_columns(home[first : first + SLICE].alias("_slice"))
        for (number,), group in rows.partition_by("_slice", as_dict=True).items():
            group.drop("_slice").write_ipc(folder / f"{number}-{first}")
    return -(-home.len() // SLICE)


def _homes(standard: Standard, view: View) -> pl.Series:
    """The slice in which each row of the file belongs."""
    date = standard.roles.date
    names = [RECORD_ID, date] if date in scanned(view).collect_schema() else [RECORD_ID]
    keys = scanned(view).select(names).collect()
    checked(standard, keys)
    order = arranged(standard, keys.with_row_index("_row")).with_row_index("_place")
    return order.sort("_row")["_place"] // SLICE
