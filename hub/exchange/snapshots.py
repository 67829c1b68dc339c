"""Snapshots: what is living at a sealed size, for those who come new and need no history.

The lines are those of the segments, byte for byte and in the order of seq, so an entry has the salt
and the leaf that it has there. A newcomer takes the snapshot of `seq` and then entries after `seq`.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow as pa
from sqlalchemy import Connection, Engine, delete, insert, select

from exchange_schemas.errors import Refused
from hub.database import write
from hub.exchange.appending import lock, state_of
from hub.exchange.blocks import LEVEL
from hub.exchange.checkpoints import checkpoint, origin_of
from hub.exchange.reading import pieces
from hub.exchange.sealed_files import Writing, alone, sweep
from hub.exchange.segments import Segment, folder_of, segments_of, snapshot_file
from hub.exchange.tables import exchange_snapshot
from hub.exchange.views import View
from hub.instant import utc_now
from hub.progress import Progress, Silent
from hub.site import Site
from hub.tree import snapshot_note
from hub.tree.lines import texts_of
from hub.tree.snapshot_note import SnapshotNote
from publisher.signing_keys import site_signer

logger = logging.getLogger(__name__)

KEPT = 2  # snapshots of a stream: who is taking the older one gets to its end
WORTHWHILE = 0.25  # share of sealed entries that are superseded
_SEEDS = (1, 2)  # two 64-bit hashes of a key stand for it


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`records` living ones at `seq`; `note` is the signed checkpoint of that size and `signature`
    the signed description of the file, both None where the key couldn't be used."""

    seq: int
    records: int
    sha256: str
    size: int
    note: str | None
    signature: str | None
    made_at: str

    @property
    def file(self) -> str:
        """Name of its file."""
        return snapshot_file(self.seq)


def snapshots_of(connection: Connection, view: View) -> list[Snapshot]:
    """The stream's snapshots, newest first."""
    query = select(exchange_snapshot).where(exchange_snapshot.c.view_id == view.id)
    rows = connection.execute(query.order_by(exchange_snapshot.c.seq.desc())).mappings()
    return [Snapshot(**{n: row[n] for n in Snapshot.__dataclass_fields__}) for row in rows]


def make(
    site: Site, engine: Engine, view: View, progress: Progress | None = None, *, asked: bool = True
) -> Snapshot | None:
    """A snapshot at the sealed size, the newest one if it is there; None where nothing is sealed, or,
    unless it was `asked` for, where it would leave out too little.

    Older ones than the `KEPT` newest are removed. Raises Corrupt (stream_wrong), Refused (disk_full).
    """
    told = progress or Silent()
    with alone(site, view) as folder:
        state = state_of(engine, view)
        with engine.connect() as connection:
            sweep(site, connection, view)
            known = next(iter(snapshots_of(connection, view)), None)
            segments = segments_of(connection, view)
        if not segments or (known and known.seq == segments[-1].last):
            return known
        seqs = _living(folder, segments)
        if not asked and not _worthwhile(segments, len(seqs), known):
            return None
        made = _written(site, engine, view, seqs, segments[-1].last, told)
        if not _enter(engine, view, state.erasure, made):
            return None  # something was erased meanwhile: the next one is without it
        with engine.connect() as connection:
            sweep(site, connection, view)
    return made


def _living(folder: Path, segments: list[Segment]) -> pl.Series:
    """The seq of the newest upsert of each key that wasn't deleted since, in order."""
    columns = pl.col("seq", "operation"), *(pl.col("key").hash(s).alias(f"k{s}") for s in _SEEDS)
    parts = [
        pl.read_parquet(folder / one.columns_file, columns=["seq", "operation", "key"])
        .drop_nulls("key")  # of an erased entry: it was superseded, or deleted
        .select(*columns)
        for one in segments
    ]
    named = pl.concat(parts)
    newest = named.unique([f"k{s}" for s in _SEEDS], keep="last")
    return newest.filter(pl.col("operation") == "upsert")["seq"].sort()


def _worthwhile(segments: list[Segment], living: int, known: Snapshot | None) -> bool:
    """Whether enough is left out, and something was sealed that the last one hasn't for as much."""
    last = segments[-1].last
    grown = last - (known.seq if known else 0)
    return last - living > WORTHWHILE * last and grown > WORTHWHILE * (known.seq if known else 0)


def _written(
    site: Site, engine: Engine, view: View, seqs: pl.Series, seq: int, told: Progress
) -> Snapshot:
    folder, written = folder_of(site, view), 0
    with engine.connect() as connection, Writing(folder, snapshot_file(seq)) as file:
        for piece in pieces(site, connection, view, 0, seq):
            at = int(seqs.search_sorted(piece.first))
            end = int(seqs.search_sorted(piece.last + 1))
            wanted = texts_of(piece.lines).gather(seqs[at:end] - piece.first)
            if len(wanted):
                text = wanted.str.join("").cast(pl.Binary).item()
                file.write(pa.Codec("zstd", LEVEL).compress(text, asbytes=True))
            written += len(wanted)
            told.rows(piece.last)
    put = file.put
    note, signature = _signed(
        site, engine, view, SnapshotNote("", seq, written, put.size, put.sha256)
    )
    return Snapshot(seq, written, put.sha256, put.size, note, signature, utc_now())


def _signed(
    site: Site, engine: Engine, view: View, told: SnapshotNote
) -> tuple[str | None, str | None]:
    """(checkpoint, signed description); a key that can't be used makes both None, and is logged."""
    try:
        note = checkpoint(site, engine, view, told.seq)
        signer = site_signer(site.keys, site.releases, os.environ)
    except Refused as error:
        logger.warning("snapshot of %s/%s: %s", view.dataset, view.name, error.issue.code)
        return None, None
    named = replace(told, origin=origin_of(site, engine, view))
    return note, snapshot_note.write(named, signer)


def _enter(engine: Engine, view: View, erasure: int, made: Snapshot) -> bool:
    with write(engine) as connection:
        if lock(connection, view).erasure != erasure:
            return False
        row = {name: getattr(made, name) for name in Snapshot.__dataclass_fields__}
        connection.execute(insert(exchange_snapshot).values(view_id=view.id, **row))
        for older in snapshots_of(connection, view)[KEPT:]:
            mine = exchange_snapshot.c.view_id == view.id
            gone = mine & (exchange_snapshot.c.seq == older.seq)
            connection.execute(delete(exchange_snapshot).where(gone))
    return True
