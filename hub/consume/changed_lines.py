"""Lines that were received, changed where they stand: erased by law, or put right by the hub's own.

An erased line keeps what its leaf commits to, so the tree over all lines stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from hub.consume.entry_lines import ERASED, HEADING, UPSERT, parse_lines, split_lines
from hub.consume.held_lines import held_lines
from hub.tree.hashing import commitments

_ERASED = ("seq", "operation", "was", "recorded_at", "standard", "commitment", "leaf")


def about(entries: pl.DataFrame, keys: Sequence[str], seqs: Sequence[int]) -> list[int]:
    """The numbers of the entries with content that are of the records `keys`, or among `seqs`."""
    mine = pl.col("seq").is_in(list(seqs)) | pl.col("key").is_in(list(keys))
    found: list[int] = entries.filter(mine & (pl.col("operation") != ERASED))["seq"].to_list()
    return found


def erased_lines(entries: pl.DataFrame) -> pl.DataFrame:
    """`entries` as erased ones: without key, digest, salt and record, and with a new `line`."""
    if entries["salt"].null_count() == 0:
        entries = entries.with_columns(commitments(entries).alias("commitment"))
    was = pl.when(pl.col("operation") == "delete").then(pl.lit("delete")).otherwise(pl.lit(UPSERT))
    bare = entries.with_columns(
        pl.lit(ERASED).alias("operation"),
        was.alias("was"),
        *(pl.lit(None, pl.String).alias(name) for name in ("key", "digest", "salt", "record")),
    )
    kept = [name for name in _ERASED if bare[name].null_count() == 0]
    line = pl.struct(kept).struct.json_encode()
    return bare.with_columns(line.alias("line"))


def erased_body(body: bytes, seqs: Sequence[int]) -> bytes:
    """NDJSON with these entries erased; those that are so already stay as they are."""
    entries = parse_lines(split_lines(body))
    mine = entries.filter(pl.col("seq").is_in(list(seqs)) & (pl.col("operation") != ERASED))
    if mine.is_empty():
        return body
    return _joined(entries.update(erased_lines(mine).select("seq", "line"), on="seq")["line"])


def replaced_body(body: bytes, first: int, last: int, put: pl.DataFrame) -> bytes:
    """NDJSON of entries `first` … `last` with those of `put` (`ENTRY_COLUMNS`) in the place of their
    own; all others keep their line, whatever it is."""
    if first == 0:
        return _replaced_in_snapshot(body, put)
    held = held_lines(body, first, last).fill_null("")
    places = np.arange(len(held))
    places[put["seq"].to_numpy() - first] = len(held) + np.arange(put.height)
    return _joined(pl.concat([held, put["line"]]).gather(places))


def _replaced_in_snapshot(body: bytes, put: pl.DataFrame) -> bytes:
    """A snapshot has not every number: lines are told by the number that they begin with."""
    lines = pl.Series("line", body.decode("utf-8", "replace").removesuffix("\n").split("\n"))
    number = pl.col("line").str.extract(r'^\{"seq":(\d+),').cast(HEADING["seq"], strict=False)
    held = lines.to_frame().with_columns(number.alias("seq")).drop_nulls("seq")
    rest = held.join(put, on="seq", how="anti").select("seq", "line")
    return _joined(pl.concat([rest, put.select("seq", "line")]).sort("seq")["line"])


def _joined(lines: pl.Series) -> bytes:
    # Not by way of Python's own text, which would take every line apart.
    whole: bytes = lines.str.join("\n").cast(pl.Binary).item()
    return whole + b"\n"
