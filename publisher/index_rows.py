"""Rows of a release as what its index keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from publisher.columns import PUBLISHED_ON, RECORD_ID
from publisher.index_layout import CODED, NO_DAY, SHOWN

SEPARATOR = "\x1f"  # between the values of a list
DIVISION = 6  # digits of a county's code
Told = Mapping[str, Sequence[str]]
Cells = dict[str, npt.NDArray[Any]]


@dataclass(slots=True)
class Values:
    """The values of the coded columns, numbered from 1 on; a number never changes."""

    codes: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in CODED})

    def encode(self, role: str, values: pl.Series) -> npt.NDArray[np.uint32]:
        """The codes of the values; 0 where there is none."""
        known = self.codes[role]
        here = values.drop_nulls().unique(maintain_order=True)
        coming = count(max(known.values(), default=0) + 1)
        known.update((told, next(coming)) for told in here if told not in known)
        numbers = [known[told] for told in here]
        coded = values.replace_strict(here, numbers, default=0, return_dtype=pl.UInt32)
        return coded.fill_null(0).to_numpy()

    def rows(self) -> Iterator[tuple[str, int, str]]:
        """Those of the table `value`."""
        for role, known in self.codes.items():
            yield from ((role, code, told) for told, code in known.items())


def kept(rows: pl.DataFrame, told: Told) -> pl.DataFrame:
    """What an index keeps of the rows besides the searched text: a column for each role."""
    shown = [_text(rows, told[role]).alias(role) for role in (*SHOWN, *CODED)]
    published = _text(rows, [PUBLISHED_ON]).alias("published")
    county = pl.col("county").str.slice(0, DIVISION)
    return rows.select(pl.col(RECORD_ID), *shown, published).with_columns(county)


def _text(rows: pl.DataFrame, names: Sequence[str]) -> pl.Expr:
    name = names[0] if names else ""
    dtype = rows.schema.get(name)
    if dtype is None:
        return pl.lit(None, dtype=pl.String)
    if dtype == pl.List(pl.String):
        text = pl.col(name).list.join(SEPARATOR)
        return pl.when(text != "").then(text)
    return pl.col(name).cast(pl.String)


def cells_of(rows: pl.DataFrame, values: Values) -> Cells:
    """The entries of `COLUMNS` but the owner, for rows as `kept` gives them."""
    days = {"day": _days(rows["date"]), "published": _days(rows["published"])}
    return {**days, **{role: values.encode(role, rows[role]) for role in CODED}}


def _days(dates: pl.Series) -> npt.NDArray[np.int32]:
    day = dates.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    return day.to_physical().cast(pl.Int32).fill_null(int(NO_DAY)).to_numpy()


def shown_rows(slots: Sequence[int], rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """Those of the table `record`; a list is shown with 、 between."""
    texts = rows.select(RECORD_ID, pl.col(SHOWN).str.replace_all(SEPARATOR, "、", literal=True))
    return zip(slots, *(column.to_list() for column in texts.iter_columns()), strict=True)
