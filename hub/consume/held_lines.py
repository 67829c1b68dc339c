"""Lines as a store really holds them, perhaps damaged: each at the number that it states itself.

So a line that is lost doesn't move all others by one, and damage is found entry by entry.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from hub.consume.batch import leaves_of
from hub.consume.entry_lines import is_as_written, parse_lines, right_digest, split_lines
from hub.tree.hashing import HASH, Hashes

_SEQ = r'^\{"seq":([1-9][0-9]{0,17}),'


def held_lines(body: bytes, first: int, last: int) -> pl.Series:
    """`line` of each entry `first` … `last`; null where none has its number, or more than one."""
    try:
        lines = split_lines(body)
    except ValueError:  # damage: the wrong bytes are lost, and not all lines
        text = body.decode("utf-8", "replace").removesuffix("\n")
        lines = pl.Series("line", [text]).str.split("\n").explode()
    seq = pl.col("line").str.extract(_SEQ).cast(pl.Int64).alias("seq")
    told = lines.to_frame().with_columns(seq).filter(pl.col("seq").is_between(first, last))
    if told.height == last - first + 1 and (told["seq"].diff().drop_nulls() == 1).all():
        return told["line"]
    single = told.filter(pl.col("seq").is_unique())
    wanted = pl.DataFrame({"seq": pl.int_range(first, last + 1, eager=True)})
    return wanted.join(single, on="seq", how="left", maintain_order="left")["line"]


def held_leaves(lines: pl.Series, *, native: bool) -> Hashes:
    """The leaf of each line, (n, 32), computed from its content; zeros for a null line, one that can't
    be read or isn't to the byte as entries are written, and one whose record isn't that of its digest."""
    if not len(lines):
        return np.zeros((0, HASH), np.uint8)
    if lines.null_count() == 0:
        try:
            return _leaves(lines, native=native)
        except (pl.exceptions.PolarsError, ValueError):
            if len(lines) == 1:
                return np.zeros((1, HASH), np.uint8)
    elif lines.null_count() == len(lines):
        return np.zeros((len(lines), HASH), np.uint8)
    # Halves, until every line that is lost stands alone: few are, so this stays quick.
    middle = len(lines) // 2
    parts = (lines[:middle], lines[middle:])
    return np.concatenate([held_leaves(part, native=native) for part in parts])


def _leaves(lines: pl.Series, *, native: bool) -> Hashes:
    """Raises PolarsError or ValueError where a line can't be read at all."""
    entries = parse_lines(lines)
    leaves = leaves_of(entries, native=native)
    right = right_digest() & is_as_written(native=native)
    wrong = entries.select(~right.fill_null(value=False)).to_series()
    if not wrong.any():
        return leaves
    found = leaves.copy()
    found[wrong.to_numpy()] = 0
    return found
