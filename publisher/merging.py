"""The rows of the next release in order: those that stay, and those put between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from exchange_schemas.standard import Standard
from publisher.changes import Changes
from publisher.columns import RECORD_ID, arranged
from publisher.contents import SLICE, Contents

AT, PUT = "_at", "_put"  # row of the release before, or of what is put


@dataclass(frozen=True, slots=True)
class Merge:
    """`order` has one row for each record of the next release, in order: `_at`, its row in `before`,
    or else `_put`, its row in `changes.put`."""

    before: Contents
    changes: Changes
    order: pl.DataFrame

    def slices(self, put: pl.DataFrame) -> Iterator[pl.DataFrame]:
        """The columns of `put`, which are also in `before`, some rows at a time."""
        for part in self.order.iter_slices(SLICE):
            yield self._slice(part, put)

    def _slice(self, part: pl.DataFrame, put: pl.DataFrame) -> pl.DataFrame:
        place = part.with_row_index("_place")
        new = place.filter(pl.col(PUT).is_not_null())
        rows = put[new[PUT]].with_columns(new["_place"])
        kept = place.filter(pl.col(AT).is_not_null())
        if kept.height:
            # What stays is in the order in which it was, so it lies together.
            first, last = int(kept[AT][0]), int(kept[AT][-1])
            old = self.before.part(first, last - first + 1)[kept[AT] - first]
            rows = pl.concat([rows, old.select(put.columns).with_columns(kept["_place"])])
        return rows.sort("_place").drop("_place")


def merge(standard: Standard, before: Contents, changes: Changes) -> Merge:
    """How `changes` go into the rows of `before`."""
    date = standard.roles.date
    keys = [RECORD_ID, date] if date in changes.put.columns else [RECORD_ID]
    names = [str(name) for name in keys]
    kept = before.read(*names).with_row_index(AT)
    kept = kept.filter(~pl.col(RECORD_ID).is_in(changes.replaced.implode()))
    put = changes.put.select(names).with_row_index(PUT)
    order = arranged(standard, pl.concat([kept, put], how="diagonal")).select(AT, PUT)
    return Merge(before, changes, order)
