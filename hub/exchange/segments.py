"""Sealed segments of a stream: the rows that name them, and where their files lie.

    site/exchange/<dataset>/<view>/
        <first>-<last>.<edition>.ndjson.zst    the lines: zstd frames one behind the other (RFC 8878)
        <first>-<last>.<edition>.parquet       the same as columns
        <first>-<last>.hashes                  leaf hashes, then the roots of each 256 of them
        snapshot-<seq>.ndjson.zst              what is living at a sequence number

`first` and `last` are written with ten digits at least, so that names sort.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, RowMapping, bindparam, select

from hub.exchange.tables import exchange_segment, exchange_view
from hub.exchange.views import View
from hub.site import Site

LINES, COLUMNS, HASHES = "ndjson.zst", "parquet", "hashes"
_END = 2**62  # behind every entry

# Asked with every request, so their text is made once.
_EXTENT = select(exchange_view.c.size, exchange_view.c.sealed).where(
    exchange_view.c.id == bindparam("view")
)
_WITHIN = (
    select(exchange_segment)
    .where(
        exchange_segment.c.view_id == bindparam("view"),
        exchange_segment.c.last_seq >= bindparam("first"),
        exchange_segment.c.first_seq <= bindparam("last"),
    )
    .order_by(exchange_segment.c.first_seq)
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One zstd frame in a segment's file: `first` seq, `place` and `size` in bytes, `raw` unpacked."""

    first: int
    place: int
    size: int
    raw: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Entries `first` to `last`, sealed; `root` is that of the subtree that they are, `tops` those of
    each 65,536 of them, 32 bytes each, where there are several.

    `erased` of its entries have no content any more; each time that some lost theirs, `edition` is
    one more and the files are others, but `root` stays.
    """

    first: int
    last: int
    edition: int
    ndjson_sha256: str
    ndjson_size: int
    parquet_sha256: str
    parquet_size: int
    hashes_sha256: str
    frames: tuple[Frame, ...]
    root: bytes
    erased: int
    sealed_at: str
    tops: bytes | None = None

    @property
    def name(self) -> str:
        """What its files begin with: `0000000001-0000065536.1`."""
        return f"{span(self.first, self.last)}.{self.edition}"

    @property
    def lines_file(self) -> str:
        """Name of the file with the lines."""
        return f"{self.name}.{LINES}"

    @property
    def columns_file(self) -> str:
        """Name of the Parquet file."""
        return f"{self.name}.{COLUMNS}"

    @property
    def hashes_file(self) -> str:
        """Name of the file with the hashes, which no erasure changes."""
        return f"{span(self.first, self.last)}.{HASHES}"


def span(first: int, last: int) -> str:
    """A range of entries as file names have it."""
    return f"{first:010d}-{last:010d}"


def snapshot_file(seq: int) -> str:
    """Name of the file with what is living at a sequence number."""
    return f"snapshot-{seq:010d}.{LINES}"


def folder_of(site: Site, view: View) -> Path:
    """Where a stream's files lie."""
    return site.exchange / view.dataset / view.name


def extent(connection: Connection, view: View) -> tuple[int, int]:
    """(size, sealed) of a stream now: how many entries it has, and how many of them lie in files."""
    row = connection.execute(_EXTENT, {"view": view.id}).one()
    return int(row.size), int(row.sealed)


def segments_of(
    connection: Connection, view: View, first: int = 1, last: int | None = None
) -> list[Segment]:
    """The segments that have entries of `first` … `last` (None: to the end), in order."""
    told = {"view": view.id, "first": first, "last": _END if last is None else last}
    return [segment_of(row) for row in connection.execute(_WITHIN, told).mappings()]


def roots_of(connection: Connection, view: View) -> list[bytes]:
    """The roots of all segments, in order."""
    mine = exchange_segment.c.view_id == view.id
    query = select(exchange_segment.c.root).where(mine).order_by(exchange_segment.c.first_seq)
    return [bytes(root) for root in connection.scalars(query)]


def segment_of(row: RowMapping) -> Segment:
    """A row of `exchange_segment`."""
    return Segment(
        first=row["first_seq"],
        last=row["last_seq"],
        edition=row["edition"],
        ndjson_sha256=row["ndjson_sha256"],
        ndjson_size=row["ndjson_size"],
        parquet_sha256=row["parquet_sha256"],
        parquet_size=row["parquet_size"],
        hashes_sha256=row["hashes_sha256"],
        frames=tuple(Frame(*told) for told in json.loads(row["frames"])),
        root=bytes(row["root"]),
        erased=row["erased"],
        sealed_at=row["sealed_at"],
        tops=bytes(row["tops"]) if row["tops"] else None,
    )


def row_of(view: View, segment: Segment) -> dict[str, object]:
    """A segment as a row of `exchange_segment`."""
    told = [(one.first, one.place, one.size, one.raw) for one in segment.frames]
    row = {name: getattr(segment, name) for name in Segment.__dataclass_fields__}
    first, last = row.pop("first"), row.pop("last")
    return {**row, "view_id": view.id, "first_seq": first, "last_seq": last,
            "frames": json.dumps(told)}  # fmt: skip
