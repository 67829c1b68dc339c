"""Frames that are kept after their batch is gone."""

from __future__ import annotations

import polars as pl


def own(frame: pl.DataFrame) -> pl.DataFrame:
    """A copy of `frame` with texts of its own.

    Polars' rows share the text of the batch that they were taken from, so a few kept rows would
    keep all of its memory.
    """
    copied = pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
    return pl.DataFrame(copied, schema=frame.schema)
