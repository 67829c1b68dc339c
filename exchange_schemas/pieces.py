"""Texts put together of fixed pieces and columns, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import polars as pl

Part = str | pl.Expr


def joined(parts: Iterable[Part]) -> pl.Expr:
    """The parts one after another as one text per row; a null is no text."""
    return pl.concat_str(list(_merged(parts)), ignore_nulls=True)


def _merged(parts: Iterable[Part]) -> Iterator[pl.Expr]:
    """Neighbouring fixed pieces in one: every part costs time."""
    for fixed, run in groupby(parts, key=lambda part: isinstance(part, str)):
        if fixed:
            yield pl.lit("".join(part for part in run if isinstance(part, str)))
        else:
            yield from (part for part in run if isinstance(part, pl.Expr))
