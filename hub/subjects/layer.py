"""A table of the index in two Parquet files: a base in the order of a column, and a delta over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Dtype

GONE = "_gone"
_GROUP = 16_384  # rows of a row group, so that one subject's rows are one small read


@dataclass(frozen=True, slots=True)
class Layer:
    """`key` says which rows a row of the delta replaces: all with its value. `base` and `delta` are names of
    files in `folder`, None where there is none yet."""

    folder: Path
    name: str
    schema: Mapping[str, Dtype]
    key: str
    order: str
    base: str | None = None
    delta: str | None = None

    def scan(self, where: pl.Expr | None = None) -> pl.LazyFrame:
        """The rows of which `where` holds. Statistics of `order` skip what can't be meant."""
        nothing = pl.LazyFrame(schema=dict(self.schema))
        if self.base is None:
            return nothing
        base = pl.scan_parquet(self.folder / self.base)
        base = base if where is None else base.filter(where)
        if self.delta is None:
            return base
        over = pl.scan_parquet(self.folder / self.delta)
        keys = over.select(self.key).unique()
        living = over.filter(~pl.col(GONE)).drop(GONE)
        living = living if where is None else living.filter(where)
        return pl.concat([base.join(keys, on=self.key, how="anti"), living])

    def based(self, rows: pl.DataFrame, number: int) -> Layer:
        """A new base of all `rows`."""
        name = f"{self.name}-{number}.parquet"
        ordered = rows.select(list(self.schema)).sort(self.order)
        ordered.write_parquet(
            self.folder / name, compression="lz4", row_group_size=_GROUP, statistics=True
        )
        return replace(self, base=name, delta=None)

    def grown(self, rows: pl.DataFrame, keys: pl.Series, number: int) -> Layer:
        """`rows` in place of all that have one of the `keys`; `keys` has those of `rows`, too."""
        if self.base is None:
            return self.based(rows, number)
        if keys.is_empty():
            return self
        touched = keys.unique().to_frame(self.key)
        known = [self._delta().join(touched, on=self.key, how="anti")]
        known.append(rows.select(*self.schema, pl.lit(False).alias(GONE)))
        gone = touched.join(rows.select(self.key), on=self.key, how="anti")
        known.append(
            gone.select(
                *(
                    pl.col(n) if n == self.key else pl.lit(None, t).alias(n)
                    for n, t in self.schema.items()
                ),
                pl.lit(True).alias(GONE),
            )
        )
        name = f"{self.name}-{number}-delta.parquet"
        pl.concat(known).sort(self.order).write_parquet(
            self.folder / name, compression="lz4", row_group_size=_GROUP
        )
        return replace(self, delta=name)

    def _delta(self) -> pl.DataFrame:
        if self.delta is None:
            return pl.DataFrame(schema={**self.schema, GONE: pl.Boolean})
        return pl.read_parquet(self.folder / self.delta)
