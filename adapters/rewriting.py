"""Rewriting of texts that a converter's expressions can't read, once for each different text."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def each_once(texts: pl.Series, rewrite: Callable[[str], str | None]) -> pl.Series:
    """What `rewrite` gives for the texts; null for null and where it gives None."""
    table = {text: rewrite(text) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(table, default=None, return_dtype=pl.String)
