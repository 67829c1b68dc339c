"""What was read of one file of a delivery, kept until its run takes it: batches as Arrow, in one zip.

A file is named by the SHA-256 of its bytes, as deliveries are, so that what a run takes is what the job of
that part said it made.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import polars as pl

from adapters.artefact import Artefact, Store
from exchange_schemas.batch import Batch
from hub.named import Named

TABLES = ("raw", "rows", "told", "named", "issues")

Read = tuple[pl.DataFrame, Named]  # rows as they came, and what became of them


def keep(store: Store, batches: Iterable[Read]) -> Artefact:
    """Write batches as they come; no more than one of them is in memory."""
    with tempfile.TemporaryFile() as room:
        with ZipFile(room, "w", ZIP_STORED) as archive:
            for number, (raw, named) in enumerate(batches):
                batch = named.batch
                frames = (raw, batch.rows, batch.issues, named.rows, named.issues)
                for name, frame in zip(TABLES, frames, strict=True):
                    with archive.open(f"{number}/{name}/{batch.unreadable}", "w") as target:
                        frame.write_ipc(target, compression="lz4")
        room.seek(0)
        return store.keep(room, "part")


def read(path: Path) -> Iterator[Read]:
    """The batches of a part, in their order."""
    with ZipFile(path) as archive:
        names = archive.namelist()
        for start in range(0, len(names), len(TABLES)):
            five = names[start : start + len(TABLES)]
            raw, rows, told, named, issues = (
                pl.read_ipc(io.BytesIO(archive.read(name))) for name in five
            )
            unreadable = int(five[0].rpartition("/")[2])
            yield raw, Named(Batch(rows, told, unreadable), named, issues)
