"""What a consumer has received of one dataset: files that are their own cursor.

Each page is one file `<first>-<last>.ndjson`, written beside and moved into place after it has
reached the disk. So the last file's name says how far the consumer is, and a crash at any moment
leaves either the whole page and the cursor behind it, or neither. A snapshot, which has not all
entries, is the file `<0>-<last>.ndjson`, and pages follow it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.consume.entry_lines import split_lines

DIGITS = 15  # names sort as numbers up to 10^15 entries
SUFFIX = ".ndjson"
PART = ".part"

HEADING = {"seq": pl.Int64, "operation": pl.String, "key": pl.String}


@dataclass(frozen=True, slots=True)
class Received:
    """The folder of one dataset; made on first use."""

    folder: Path

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """Keep other processes out; raises Refused (receiving_busy). Removes unfinished files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Refused(Issue("receiving_busy", value=str(self.folder))) from error
            for unfinished in self.folder.glob(f".*{PART}"):
                unfinished.unlink()
            yield

    def pages(self) -> list[Path]:
        """The files in order; raises Corrupt (received_gap) where one is missing."""
        found = sorted(self.folder.glob(f"*{SUFFIX}"))
        follows = 1
        for path in found:
            first, last = page_range(path)
            if first != follows and (first, follows) != (0, 1):  # 0: a snapshot
                words = {"expected": str(follows)}
                raise Corrupt(Issue("received_gap", value=str(path), params=words))
            follows = last + 1
        return found

    def last(self) -> int:
        """The last sequence number received, 0 at first: the cursor."""
        found = self.pages()
        return page_range(found[-1])[1] if found else 0

    def keep(self, first: int, last: int, body: bytes) -> Path:
        """Add a page; it is on the disk when this returns."""
        name = f"{first:0{DIGITS}d}-{last:0{DIGITS}d}{SUFFIX}"
        return write_whole(self.folder / name, [body])

    def current(self, refused: Sequence[int] = ()) -> Path:
        """Replay everything into `current.jsonl`: the newest entry of each record that isn't
        deleted, nor among those that were `refused`, as it was received, in the order of seq."""
        pages = self.pages()
        parts = [pl.DataFrame(schema=HEADING), *(_heading(path) for path in pages)]
        known = pl.concat(parts).filter(pl.col("key").is_not_null())  # an erased one has none
        newest = known.unique("key", keep="last", maintain_order=True)
        wanted = (pl.col("operation") == "upsert") & ~pl.col("seq").is_in(list(refused))
        living = newest.filter(wanted)["seq"].implode()
        return write_whole(
            self.folder / "current.jsonl", (_chosen(path, living) for path in pages)
        )


def page_range(path: Path) -> tuple[int, int]:
    """The numbers of a file's first and last entry; a snapshot's first is 0."""
    first, _, last = path.name.removesuffix(SUFFIX).partition("-")
    return int(first), int(last)


def _lines(path: Path) -> pl.Series:
    return split_lines(path.read_bytes())


def _heading(path: Path) -> pl.DataFrame:
    return _lines(path).str.json_decode(pl.Struct(HEADING)).struct.unnest()


def _chosen(path: Path, seqs: pl.Series) -> bytes:
    chosen = _lines(path).to_frame().with_columns(_heading(path)).filter(pl.col("seq").is_in(seqs))
    return "".join(f"{line}\n" for line in chosen["line"]).encode()


def write_whole(path: Path, blocks: Iterator[bytes] | list[bytes]) -> Path:
    """A file that is there as a whole or not at all, and on the disk when this returns."""
    beside = path.with_name(f".{path.name}{PART}")
    with beside.open("wb") as file:
        file.writelines(blocks)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)
    return path


def _sync_folder(folder: Path) -> None:
    # Without this the new name itself may be lost with the power.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
