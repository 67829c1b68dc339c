"""One converter over some cells, as a mapping runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from adapters.converter import cell, narrow, read_plain
from adapters.converters import CONVERTERS


def convert(
    name: str, cells: Sequence[str | tuple[str, ...] | None], options: Mapping[str, Any]
) -> list[Any]:
    """The values; a cell that can't be read comes out as `...`."""
    converter = CONVERTERS[name]
    rows = [one if isinstance(one, tuple) else (one,) for one in cells]
    columns = [f"c{k}" for k in range(len(rows[0]))] if rows else ["c0"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    takes = {
        "raw": pl.col,
        "narrow": lambda c: narrow(cell(c, ())),
        "trimmed": lambda c: cell(c, ()),
    }
    staged = frame.select(takes[converter.takes](column).alias(column) for column in columns)
    made = converter.build([pl.col(column) for column in columns], options)
    given = pl.lit(value=False) if made.given is None else made.given
    read = staged.select(made.value.alias("value"), given.alias("given"))
    values = _values(read)
    texts = staged[columns[0]]
    nothing = ... if made.given is not None else None
    unread = [k for k, value in enumerate(values) if value is nothing and texts[k] is not None]
    if unread and converter.rewrite is not None:
        plain = converter.rewrite(texts[unread], options)
        again = _values(read_plain(converter, plain.drop_nulls(), options))
        for place in (k for k, text in zip(unread, plain, strict=True) if text is not None):
            values[place] = again.pop(0)
    return values


def _values(read: pl.DataFrame) -> list[Any]:
    pairs = read.select(pl.col("value"), pl.col("given")).iter_rows()
    return [... if must and value is None else value for value, must in pairs]
