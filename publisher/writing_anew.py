"""The files of a release from a whole view: the first one, and whenever the columns change."""

from __future__ import annotations

import polars as pl

from publisher.changes import ADDED, CHANGED, Parts, former
from publisher.columns import PUBLISHED_ON, RECORD_ID
from publisher.contents import COMMITMENT, INTERNAL, contents_of
from publisher.deltas import commitments_digest
from publisher.formats.parquet import NAME as PARQUET
from publisher.index_build import INDEX, build_index
from publisher.making import Making, Supply, WholeNeeded, Written
from publisher.ordering import ordered
from publisher.places import PLACES, write_places
from publisher.workbooks import write_small_workbook
from publisher.writing import Files, write_formats


def write_anew(making: Making, supply: Supply) -> Written:
    """Write all content; what was public before under other columns counts as changed.

    Raises WholeNeeded where the supply is only what differs.
    """
    if isinstance(supply, Parts):
        raise WholeNeeded
    slices = ordered(making.standard, supply, making.folder)
    files = write_formats(making.folder, making.standard, making.fields, slices)
    rows = contents_of(making.folder)
    build_index(making.folder / INTERNAL / INDEX, making.standard, rows.slices())
    put = rows.read(RECORD_ID, COMMITMENT)
    known = _known(making)
    there = pl.col(RECORD_ID).is_in(known[RECORD_ID].implode())
    kind = pl.when(there).then(pl.lit(CHANGED)).otherwise(pl.lit(ADDED)).alias("change")
    gone = known.join(put, on=RECORD_ID, how="anti")
    return completed(making, put.with_columns(kind), gone, files)


def completed(making: Making, put: pl.DataFrame, gone: pl.DataFrame, files: Files) -> Written:
    """What was written, with what follows from it: places, a small workbook, the commitments' digest."""
    rows = contents_of(making.folder).read(RECORD_ID, COMMITMENT, "_jsonl")
    write_places(making.folder / INTERNAL / PLACES, rows.rename({"_jsonl": "length"}))
    more = write_small_workbook(making, rows.height)
    return Written(put, gone, {**files, **more}, commitments_digest(rows[COMMITMENT]))


def _known(making: Making) -> pl.DataFrame:
    """What the release before has: `changes.former`, as far as it can tell."""
    if making.former is not None:
        return former(making.former)
    nothing = {PUBLISHED_ON: pl.String, COMMITMENT: pl.Binary}
    empty = [pl.lit(None, dtype).alias(name) for name, dtype in nothing.items()]
    if making.current is None:
        return pl.DataFrame(schema={RECORD_ID: pl.String, **nothing})
    ids = pl.scan_parquet(making.current.path / PARQUET).select(RECORD_ID, *empty)
    return ids.collect()
