"""A parcel: entries that are handed over together, kept as they were prepared until each is answered."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

INSERT, UPDATE, DELETE = "I", "U", "D"

SEQ, KEY, DIGEST, OPERATION = "_seq", "_key", "_digest", "_operation"
FLOW, ITEM, PART = "_flow", "_item", "_part"
#: Beside the province's columns, which are texts, a parcel's frame has these.
ABOUT: Mapping[str, pl.DataType] = {
    SEQ: pl.Int64(),
    KEY: pl.String(),
    DIGEST: pl.String(),  # hex, of the record as it stands in the stream; "" of a delete
    OPERATION: pl.String(),
    FLOW: pl.String(),
    ITEM: pl.String(),
    PART: pl.String(),
}

#: What the province said of entries: `state` is taken or refused.
ANSWERS = {FLOW: pl.String, "state": pl.String, "code": pl.String, "reason": pl.String}
TAKEN, REFUSED = "taken", "refused"


@dataclass(frozen=True, slots=True)
class Parcel:
    """`rows` are those without an answer, in order of seq. `attempts` counts this try."""

    delivery: int
    batch: str
    attempts: int
    name: str | None
    rows: pl.DataFrame


def pack(rows: pl.DataFrame) -> bytes:
    """The frame as Arrow IPC with zstd."""
    made = io.BytesIO()
    rows.write_ipc(made, compression="zstd")
    return made.getvalue()


def unpack(content: bytes) -> pl.DataFrame:
    """What `pack` packed."""
    return pl.read_ipc(io.BytesIO(content))


def digest_of(rows: pl.DataFrame) -> str:
    """Hex SHA-256 of the rows as NDJSON, columns in their order."""
    made = io.BytesIO()
    rows.write_ndjson(made)
    return hashlib.sha256(made.getvalue()).hexdigest()


def no_answers() -> pl.DataFrame:
    """A frame of `ANSWERS` without rows."""
    return pl.DataFrame(schema=ANSWERS)


def all_taken(rows: pl.DataFrame) -> pl.DataFrame:
    """The answer that every row was taken."""
    nothing = pl.lit(None, pl.String)
    return rows.select(
        FLOW, pl.lit(TAKEN).alias("state"), nothing.alias("code"), nothing.alias("reason")
    )
